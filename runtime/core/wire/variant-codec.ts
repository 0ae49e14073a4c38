import { Variant } from "../values.ts";
import type { Codec, Steps } from "./codec.ts";
import { addLocation, describeValue, InvalidValueError, MalformedMessageError } from "./errors.ts";
import type { Reader } from "./reader.ts";

/**
 * Returns the codec of type `v`: values are Variants, which are validated against their signature.
 *
 * @param lookUp - Returns the codec of a signature, or undefined if it is not one complete type.
 */
export function variantCodec(lookUp: (signature: string) => Codec | undefined): Codec {
  return {
    signature: "v",
    alignment: 1,
    fixed: false,
    encode(writer, value) {
      if (!(value instanceof Variant)) throw new InvalidValueError(`expected a Variant, got ${describeValue(value)}`);
      const codec = typeof value.signature === "string" ? lookUp(value.signature) : undefined;
      if (codec === undefined) {
        throw new InvalidValueError(
          `expected a Variant of one complete type, got signature ${describeValue(value.signature)}`,
        );
      }
      writer.signature(codec.signature);
      writer.enter();
      try {
        codec.encode(writer, value.value);
      } catch (error) {
        throw addLocation(".value", error);
      }
      writer.leave();
    },
    decode(reader) {
      const codec = lookUp(reader.signature());
      if (codec === undefined) throw new MalformedMessageError("the signature of a variant is not one complete type");
      return new Variant(codec.signature, decodeVariantContent(reader, codec));
    },
    decodeInSteps(reader) {
      const start = reader.offset;
      const codec = lookUp(reader.signature());
      const steps = codec?.decodeInSteps?.(reader);
      if (codec !== undefined && steps !== undefined) return variantInSteps(reader, codec, steps);
      reader.offset = start;
      return undefined;
    },
  };
}

function* variantInSteps(reader: Reader, codec: Codec, steps: Steps<unknown>): Steps<Variant> {
  return new Variant(codec.signature, yield* variantContentInSteps(reader, steps));
}

/** Reads the value of a variant in steps, after its signature was read. */
export function* variantContentInSteps(reader: Reader, steps: Steps<unknown>): Steps<unknown> {
  reader.enter();
  const value = yield* steps;
  reader.leave();
  return value;
}

/** Reads the value of a variant, after its signature was read. */
export function decodeVariantContent(reader: Reader, codec: Codec): unknown {
  reader.enter();
  const value = codec.decode(reader);
  reader.leave();
  return value;
}
