import type { FieldShape, Shape, StructShape } from "../contract.ts";
import type { Codec, Steps } from "./codec.ts";
import { addLocation, describeValue, InvalidValueError } from "./errors.ts";
import type { Reader } from "./reader.ts";

/** Returns the codec of one complete type with an optional shape. */
export type CompileCodec = (signature: string, shape?: Shape) => Codec;

/** Returns the codec of a member from its type and shape. */
export const compileMember = (compile: CompileCodec, member: FieldShape): Codec => compile(member.type, member.as?.());

/** Returns the codec of a struct with named fields. The TypeScript value is an object. */
export function structCodec(shape: StructShape, compile: CompileCodec): Codec {
  const fields = Object.entries(shape.fields).map(([name, field]) => ({ name, codec: compileMember(compile, field) }));
  return {
    signature: `(${fields.map(({ codec }) => codec.signature).join("")})`,
    alignment: 8,
    fixed: false,
    encode(writer, value) {
      if (typeof value !== "object" || value === null)
        throw new InvalidValueError(`expected an object, got ${describeValue(value)}`);
      writer.align(8);
      writer.enter();
      for (const { name, codec } of fields) {
        try {
          codec.encode(writer, Reflect.get(value, name));
        } catch (error) {
          throw addLocation(`.${name}`, error);
        }
      }
      writer.leave();
    },
    decode(reader) {
      reader.align(8);
      reader.enter();
      const value: Record<string, unknown> = {};
      for (const { name, codec } of fields) value[name] = codec.decode(reader);
      reader.leave();
      return value;
    },
    ...(fields.some(({ codec }) => codec.decodeInSteps !== undefined) && {
      decodeInSteps: (reader: Reader) => structInSteps(reader, fields),
    }),
  };
}

function* structInSteps(
  reader: Reader,
  fields: readonly { readonly name: string; readonly codec: Codec }[],
): Steps<Record<string, unknown>> {
  reader.align(8);
  reader.enter();
  const value: Record<string, unknown> = {};
  for (const { name, codec } of fields) {
    const steps = codec.decodeInSteps?.(reader);
    value[name] = steps === undefined ? codec.decode(reader) : yield* steps;
  }
  reader.leave();
  return value;
}
