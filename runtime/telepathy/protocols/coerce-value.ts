import type { Variant } from "@dbus-codegen-ts/runtime";
import type { ParameterSignature, ParameterValue } from "./protocol.ts";

/** Least and greatest value of each type of integers. */
const RANGES: Readonly<Record<string, readonly [least: bigint, most: bigint]>> = {
  y: [0n, 2n ** 8n - 1n],
  n: [-(2n ** 15n), 2n ** 15n - 1n],
  q: [0n, 2n ** 16n - 1n],
  i: [-(2n ** 31n), 2n ** 31n - 1n],
  u: [0n, 2n ** 32n - 1n],
  x: [-(2n ** 63n), 2n ** 63n - 1n],
  t: [0n, 2n ** 64n - 1n],
};

/** A value in the type that a parameter has, or why it cannot be had. */
export type Coerced = { readonly value: ParameterValue } | { readonly problem: string };

/**
 * Brings a value into the type of a parameter. Every integer fits every type of integers whose range it is in, as account
 * managers store ports and the like in a type of their own; any number fits `d`. All other types have to be the same.
 */
export function coerce({ signature: given, value }: Variant, signature: ParameterSignature): Coerced {
  if (given === signature && isParameterValue(value)) return { value };
  const range = RANGES[signature];
  if (signature === "d" && Object.hasOwn(RANGES, given)) return { value: Number(value) };
  if (range === undefined || !Object.hasOwn(RANGES, given))
    return { problem: `has type "${given}", not "${signature}"` };
  if (typeof value !== "number" && typeof value !== "bigint") return { problem: "is not a number" };
  return fit(BigInt(value), signature, range);
}

function fit(value: bigint, signature: string, [least, most]: readonly [bigint, bigint]): Coerced {
  if (value < least || value > most) return { problem: `is not between ${least} and ${most}` };
  return { value: signature === "x" || signature === "t" ? value : Number(value) };
}

function isParameterValue(value: unknown): value is ParameterValue {
  if (Array.isArray(value)) return value.every((item) => typeof item === "string");
  return ["string", "number", "bigint", "boolean"].includes(typeof value) || value instanceof Uint8Array;
}
