import type { SelectedShape } from "../contract.ts";
import type { Codec, Steps } from "./codec.ts";
import { asPlainObject } from "./container-codecs.ts";
import { addLocation, describeValue, InvalidValueError } from "./errors.ts";
import type { Reader } from "./reader.ts";
import type { CompileCodec } from "./struct-codec.ts";

/**
 * Returns the codec of a struct `(sa{sv})` whose dictionary has a different shape for each value of the first field. A
 * struct with another first field is decoded to an object whose member `extra` is a tuple of both fields.
 */
export function selectedCodec({ key, entries, cases }: SelectedShape, compile: CompileCodec): Codec {
  const selector = compile("s");
  const undeclared = compile("a{sv}");
  let compiled: ReadonlyMap<unknown, Codec> | undefined;
  const codecs = (): ReadonlyMap<unknown, Codec> =>
    (compiled ??= new Map(cases.map(({ value, as }) => [value, compile("a{sv}", as())])));
  const objectOf = (value: unknown, dictionary: unknown): Record<string, unknown> =>
    codecs().has(value) ? { [key]: value, [entries]: dictionary } : { extra: [value, dictionary] };

  return {
    signature: "(sa{sv})",
    alignment: 8,
    fixed: false,
    encode(writer, value) {
      const object = asPlainObject(value);
      const [selected, dictionary, codec] = fieldsOf(object);
      writer.align(8);
      writer.enter();
      selector.encode(writer, selected);
      try {
        codec.encode(writer, dictionary);
      } catch (error) {
        throw addLocation(`.${object[key] === undefined ? "extra" : entries}`, error);
      }
      writer.leave();
    },
    decode(reader) {
      reader.align(8);
      reader.enter();
      const value = selector.decode(reader);
      const dictionary = (codecs().get(value) ?? undeclared).decode(reader);
      reader.leave();
      return objectOf(value, dictionary);
    },
    decodeInSteps: (reader) => selectedInSteps(reader),
  };

  function fieldsOf(object: Record<string, unknown>): readonly [value: unknown, dictionary: unknown, codec: Codec] {
    const value = object[key];
    const codec = codecs().get(value);
    if (codec !== undefined) return [value, object[entries], codec];
    if (value !== undefined)
      throw new InvalidValueError(`${key} is not one of the declared values: ${describeValue(value)}`);
    const { extra } = object;
    if (!Array.isArray(extra) || extra.length !== 2)
      throw new InvalidValueError(
        `expected ${key} and ${entries}, or extra as a list of two, got ${describeValue(extra)}`,
      );
    if (codecs().has(extra[0]))
      throw new InvalidValueError(`${describeValue(extra[0])} is in extra although it is a declared value of ${key}`);
    return [extra[0], extra[1], undeclared];
  }

  function* selectedInSteps(reader: Reader): Steps<unknown> {
    reader.align(8);
    reader.enter();
    const value = selector.decode(reader);
    const codec = codecs().get(value) ?? undeclared;
    const steps = codec.decodeInSteps?.(reader);
    const dictionary = steps === undefined ? codec.decode(reader) : yield* steps;
    reader.leave();
    return objectOf(value, dictionary);
  }
}
