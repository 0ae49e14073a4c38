import type { Variant } from "@dbus-codegen-ts/runtime";
import type { ParameterSignature, ParameterValue } from "./parameters.ts";

/** Least and greatest value of each integer type of D-Bus, by type code. */
export const INTEGER_RANGES: Readonly<Record<string, readonly [min: bigint, max: bigint]>> = {
  y: [0n, 2n ** 8n - 1n],
  n: [-(2n ** 15n), 2n ** 15n - 1n],
  q: [0n, 2n ** 16n - 1n],
  i: [-(2n ** 31n), 2n ** 31n - 1n],
  u: [0n, 2n ** 32n - 1n],
  x: [-(2n ** 63n), 2n ** 63n - 1n],
  t: [0n, 2n ** 64n - 1n],
};

/**
 * The converted value, or a description of the problem that follows the parameter's name in a message, such as `is
 * not a number`.
 */
export type CoercionResult = { readonly value: ParameterValue } | { readonly problem: string };

/**
 * Converts a value to the type of a parameter. An integer is accepted in any integer type if it is in the range of
 * the requested type, because account managers store ports and similar values in different types. Type `d` accepts
 * any integer. Otherwise the types must be equal.
 */
export function coerceValue({ signature: given, value }: Variant, signature: ParameterSignature): CoercionResult {
  if (given === signature && isParameterValue(value)) return { value };
  const range = INTEGER_RANGES[signature];
  if (signature === "d" && Object.hasOwn(INTEGER_RANGES, given)) return { value: Number(value) };
  if (range === undefined || !Object.hasOwn(INTEGER_RANGES, given)) {
    return { problem: `has type "${given}", not "${signature}"` };
  }
  if (typeof value !== "number" && typeof value !== "bigint") return { problem: "is not a number" };
  return coerceInteger(BigInt(value), signature, range);
}

function coerceInteger(value: bigint, signature: string, [min, max]: readonly [bigint, bigint]): CoercionResult {
  if (value < min || value > max) return { problem: `is not between ${min} and ${max}` };
  return { value: signature === "x" || signature === "t" ? value : Number(value) };
}

function isParameterValue(value: unknown): value is ParameterValue {
  if (Array.isArray(value)) return value.every((item) => typeof item === "string");
  return ["string", "number", "bigint", "boolean"].includes(typeof value) || value instanceof Uint8Array;
}
