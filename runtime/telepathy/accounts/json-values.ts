import { isObjectPath } from "@dbus-codegen-ts/runtime";
import { INTEGER_RANGES } from "../protocols/coerce-value.ts";

/** JSON representation of a parameter's value. */
type JsonValue = string | number | boolean | readonly string[];

/**
 * Converts a value of a D-Bus type to JSON: 64-bit integers become decimal strings, bytes base64, non-finite
 * doubles strings. Returns undefined if parameters cannot have the type, or the value does not have it.
 */
export function valueToJson(signature: string, value: unknown): JsonValue | undefined {
  const json = toJson(signature, value);
  return json !== undefined && valueFromJson(signature, json) !== undefined ? json : undefined;
}

/** Converts JSON to a value of a D-Bus type. Returns undefined if the JSON does not represent a value of the type. */
export function valueFromJson(signature: string, json: unknown): unknown {
  switch (signature) {
    case "s":
      return isDBusText(json) ? json : undefined;
    case "o":
      return typeof json === "string" && isObjectPath(json) ? json : undefined;
    case "b":
      return typeof json === "boolean" ? json : undefined;
    case "y":
    case "n":
    case "q":
    case "i":
    case "u":
      return typeof json === "number" && Number.isInteger(json) && isInRange(signature, BigInt(json))
        ? json
        : undefined;
    case "x":
    case "t":
      return typeof json === "string" ? parseBigInt(signature, json) : undefined;
    case "d":
      return parseDouble(json);
    case "as":
      return Array.isArray(json) && json.every(isDBusText) ? json : undefined;
    case "ay":
      return typeof json === "string" ? parseBase64(json) : undefined;
    default:
      return undefined;
  }
}

/** Returns whether a value is a string that D-Bus can transport: without NUL and without lone surrogates. */
export function isDBusText(value: unknown): value is string {
  return typeof value === "string" && !/[\0\p{Cs}]/u.test(value);
}

function toJson(signature: string, value: unknown): JsonValue | undefined {
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  // JSON has no NaN and no infinity.
  if (typeof value === "number") return signature === "d" && !Number.isFinite(value) ? String(value) : value;
  if (typeof value === "string" || typeof value === "boolean") return value;
  return Array.isArray(value) && value.every((item) => typeof item === "string") ? value : undefined;
}

function isInRange(signature: string, value: bigint): boolean {
  const [min, max] = INTEGER_RANGES[signature] ?? [0n, -1n];
  return value >= min && value <= max;
}

function parseBigInt(signature: string, json: string): bigint | undefined {
  if (!/^-?[0-9]{1,20}$/.test(json)) return undefined;
  const value = BigInt(json);
  return isInRange(signature, value) ? value : undefined;
}

function parseDouble(json: unknown): number | undefined {
  if (typeof json === "number") return json;
  return json === "NaN" || json === "Infinity" || json === "-Infinity" ? Number(json) : undefined;
}

function parseBase64(json: string): Uint8Array | undefined {
  const bytes = Buffer.from(json, "base64");
  return bytes.toString("base64") === json ? new Uint8Array(bytes) : undefined;
}
