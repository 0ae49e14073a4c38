import type { Shape } from "../contract.ts";
import { arrayCodec } from "./array-codec.ts";
import { BASIC_CODECS } from "./basic-codecs.ts";
import { choiceCodec } from "./choice-codec.ts";
import type { Codec } from "./codec.ts";
import { bytesCodec, mapCodec, recordCodec, tupleCodec } from "./container-codecs.ts";
import { dictionaryCodec } from "./dictionary-codec.ts";
import { describeValue, InvalidValueError } from "./errors.ts";
import { selectedCodec } from "./selected-codec.ts";
import { readSignature, type Type } from "./signature.ts";
import { SignatureCache } from "./signature-cache.ts";
import { structCodec } from "./struct-codec.ts";
import { variantCodec } from "./variant-codec.ts";

const codecsWithoutShape = new SignatureCache<Codec>();
const codecsByShape = new WeakMap<Shape, SignatureCache<Codec>>();
const VARIANT_CODEC = variantCodec((signature) => codecsWithoutShape.get(signature) ?? codecFromPeer(signature));

/**
 * Returns the codec of one complete type. The codec is compiled at first use and cached.
 *
 * @param shape - Shape of the values in TypeScript, if the signature alone does not define it.
 * @throws InvalidValueError if the signature is not one complete type or does not match the shape.
 */
export function codecOf(signature: string, shape?: Shape): Codec {
  const cache = shape === undefined ? codecsWithoutShape : cacheFor(shape);
  const cached = cache.get(signature);
  if (cached !== undefined) return cached;
  const codec = compileType(completeType(signature), shape);
  if (codec.signature !== signature) {
    throw new InvalidValueError(`the shape is for type ${codec.signature}, not ${signature}`);
  }
  cache.add(signature, codec);
  return codec;
}

/** Returns the codec of a signature that a peer sent; undefined if it is not one complete type. */
function codecFromPeer(signature: string): Codec | undefined {
  const read = readSignature(signature);
  return read.ok && read.types.length === 1 ? codecOf(signature) : undefined;
}

function completeType(signature: string): Type {
  const read = readSignature(signature);
  if (!read.ok) throw new InvalidValueError(`${describeValue(signature)} is not a type: ${read.problem.message}`);
  const [type, ...more] = read.types;
  if (type === undefined || more.length > 0)
    throw new InvalidValueError(`${describeValue(signature)} is not one complete type`);
  return type;
}

function compileType(type: Type, shape: Shape | undefined): Codec {
  if (shape?.kind === "struct") return structCodec(shape, codecOf);
  if (shape?.kind === "dictionary") return dictionaryCodec(shape, codecOf);
  if (shape?.kind === "choice") return choiceCodec(shape, codecOf);
  if (shape?.kind === "selected") return selectedCodec(shape, codecOf);
  switch (type.kind) {
    case "basic":
      return BASIC_CODECS[type.code];
    case "variant":
      return VARIANT_CODEC;
    case "array":
      if (type.signature === "ay") return bytesCodec;
      return arrayCodec(innerCodec(type.element, shape, "items"));
    case "dict": {
      const key = BASIC_CODECS[type.key.code];
      const value = innerCodec(type.value, shape, "values");
      return type.key.code === "s" ? recordCodec(key, value) : mapCodec(key, value);
    }
    case "struct":
      return tupleCodec(type.fields.map((field) => compileType(field, undefined)));
  }
}

function innerCodec(type: Type, shape: Shape | undefined, kind: "items" | "values"): Codec {
  if (shape !== undefined && shape.kind !== kind) {
    throw new InvalidValueError(`a shape of kind "${shape.kind}" is used where "${kind}" is needed`);
  }
  return shape === undefined ? compileType(type, undefined) : codecOf(type.signature, shape.of);
}

function cacheFor(shape: Shape): SignatureCache<Codec> {
  let cache = codecsByShape.get(shape);
  if (cache === undefined) {
    cache = new SignatureCache();
    codecsByShape.set(shape, cache);
  }
  return cache;
}
