import { Variant } from "../values.ts";
import type { Codec } from "./codec.ts";
import { describe, InvalidValueError, MalformedMessageError, within } from "./errors.ts";
import type { Reader } from "./reader.ts";

/**
 * Codec of type `v`: the values are Variants, checked against the signature they carry.
 *
 * @param lookUp - The codec of a signature; undefined when it is not one complete type.
 */
export function variantCodec(lookUp: (signature: string) => Codec | undefined): Codec {
  return {
    signature: "v",
    alignment: 1,
    fixed: false,
    encode(writer, value) {
      if (!(value instanceof Variant)) throw new InvalidValueError(`expected a Variant, got ${describe(value)}`);
      const codec = typeof value.signature === "string" ? lookUp(value.signature) : undefined;
      if (codec === undefined) {
        throw new InvalidValueError(
          `expected a Variant of one complete type, got signature ${describe(value.signature)}`,
        );
      }
      writer.signature(codec.signature);
      writer.enter();
      try {
        codec.encode(writer, value.value);
      } catch (error) {
        throw within(".value", error);
      }
      writer.leave();
    },
    decode(reader) {
      const codec = lookUp(reader.signature());
      if (codec === undefined) throw new MalformedMessageError("the signature of a variant is not one complete type");
      return new Variant(codec.signature, decodeInside(reader, codec));
    },
  };
}

/** What is inside a variant whose signature has been read. */
export function decodeInside(reader: Reader, codec: Codec): unknown {
  reader.enter();
  const value = codec.decode(reader);
  reader.leave();
  return value;
}
