import type { Shape } from "../contract.ts";
import { BASIC_CODECS } from "./basic-codecs.ts";
import type { Codec } from "./codec.ts";
import { arrayCodec, bytesCodec, mapCodec, recordCodec, tupleCodec } from "./container-codecs.ts";
import { describe, InvalidValueError } from "./errors.ts";
import { dictionaryCodec, structCodec } from "./shape-codecs.ts";
import { readSignature, type Type } from "./signature.ts";
import { variantCodec } from "./variant-codec.ts";

/** Peers choose some of the signatures, so what is remembered is bounded. */
const MAX_KNOWN = 4096;
const plain = new Map<string, Codec>();
const shaped = new WeakMap<Shape, Map<string, Codec>>();
const VARIANT_CODEC = variantCodec((signature) => plain.get(signature) ?? codecFromPeer(signature));

/**
 * The codec of one complete type, compiled at first use and then remembered.
 *
 * @param shape - How values are shaped in TypeScript, where the signature does not say it.
 * @throws InvalidValueError when the signature is not one complete type or does not fit the shape.
 */
export function codecOf(signature: string, shape?: Shape): Codec {
  const known = shape === undefined ? plain : knownFor(shape);
  const found = known.get(signature);
  if (found !== undefined) return found;
  const codec = compileType(completeType(signature), shape);
  if (codec.signature !== signature) {
    throw new InvalidValueError(`the shape is for type ${codec.signature}, not ${signature}`);
  }
  if (known.size < MAX_KNOWN) known.set(signature, codec);
  return codec;
}

function codecFromPeer(signature: string): Codec | undefined {
  const read = readSignature(signature);
  return read.ok && read.types.length === 1 ? codecOf(signature) : undefined;
}

function completeType(signature: string): Type {
  const read = readSignature(signature);
  if (!read.ok) throw new InvalidValueError(`${describe(signature)} is not a type: ${read.fault.message}`);
  const [type, ...more] = read.types;
  if (type === undefined || more.length > 0)
    throw new InvalidValueError(`${describe(signature)} is not one complete type`);
  return type;
}

function compileType(type: Type, shape: Shape | undefined): Codec {
  if (shape?.kind === "struct") return structCodec(shape, codecOf);
  if (shape?.kind === "dictionary") return dictionaryCodec(shape, codecOf);
  switch (type.kind) {
    case "basic":
      return BASIC_CODECS[type.code];
    case "variant":
      return VARIANT_CODEC;
    case "array":
      if (type.signature === "ay") return bytesCodec;
      return arrayCodec(inner(type.element, shape, "items"));
    case "dict": {
      const key = BASIC_CODECS[type.key.code];
      const value = inner(type.value, shape, "values");
      return type.key.code === "s" ? recordCodec(key, value) : mapCodec(key, value);
    }
    case "struct":
      return tupleCodec(type.fields.map((field) => compileType(field, undefined)));
  }
}

function inner(type: Type, shape: Shape | undefined, kind: "items" | "values"): Codec {
  if (shape !== undefined && shape.kind !== kind) {
    throw new InvalidValueError(`a shape of kind "${shape.kind}" stands where "${kind}" is needed`);
  }
  return shape === undefined ? compileType(type, undefined) : codecOf(type.signature, shape.of);
}

function knownFor(shape: Shape): Map<string, Codec> {
  let known = shaped.get(shape);
  if (known === undefined) {
    known = new Map();
    shaped.set(shape, known);
  }
  return known;
}
