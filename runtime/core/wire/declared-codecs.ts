import type { FieldShape } from "../contract.ts";
import { Variant } from "../values.ts";
import type { Codec, Steps } from "./codec.ts";
import type { Reader } from "./reader.ts";
import { type CompileCodec, compileMember } from "./struct-codec.ts";
import { decodeVariantContent, variantContentInSteps } from "./variant-codec.ts";

/** A received variant whose type differs from the declared type. */
export class UndeclaredVariant {
  readonly variant: Variant;

  constructor(variant: Variant) {
    this.variant = variant;
  }
}

/**
 * Returns the codec of a variant with a declared type. The TypeScript value is the value inside the variant. A received
 * variant of another type is decoded to an UndeclaredVariant. The codec of the inner value is compiled at first use,
 * because dictionaries can be recursive.
 */
export function declaredVariantCodec(compile: CompileCodec, member: FieldShape): Codec {
  let inner: Codec | undefined;
  return {
    signature: "v",
    alignment: 1,
    fixed: false,
    encode(writer, value) {
      inner ??= compileMember(compile, member);
      writer.signature(inner.signature);
      writer.enter();
      inner.encode(writer, value);
      writer.leave();
    },
    decode(reader) {
      inner ??= compileMember(compile, member);
      return decodeVariantOf(reader, inner, compile("v"));
    },
    decodeInSteps(reader) {
      inner ??= compileMember(compile, member);
      const start = reader.offset;
      if (reader.signature() === inner.signature) {
        const steps = inner.decodeInSteps?.(reader);
        if (steps !== undefined) return variantContentInSteps(reader, steps);
        reader.offset = start;
        return undefined;
      }
      reader.offset = start;
      const otherSteps = compile("v").decodeInSteps?.(reader);
      return otherSteps && undeclaredInSteps(otherSteps);
    },
  };
}

/** Returns the codec of a member. The codec is compiled at first use, because dictionaries can be recursive. */
export function lazyCodec(compile: CompileCodec, member: FieldShape): Codec {
  const { signature, alignment, fixed } = compile(member.type);
  let inner: Codec | undefined;
  const compiled = (): Codec => (inner ??= compileMember(compile, member));
  return {
    signature,
    alignment,
    fixed,
    encode: (writer, value) => compiled().encode(writer, value),
    decode: (reader) => compiled().decode(reader),
    decodeInSteps: (reader) => compiled().decodeInSteps?.(reader),
  };
}

function* undeclaredInSteps(steps: Steps<unknown>): Steps<unknown> {
  const other = yield* steps;
  return other instanceof Variant ? new UndeclaredVariant(other) : other;
}

function decodeVariantOf(reader: Reader, inner: Codec, variant: Codec): unknown {
  const start = reader.offset;
  if (reader.signature() === inner.signature) return decodeVariantContent(reader, inner);
  reader.offset = start;
  const other = variant.decode(reader);
  return other instanceof Variant ? new UndeclaredVariant(other) : other;
}
