/** What JSON can say about a parameter. */
type JsonValue = string | number | boolean | readonly string[];

const SMALL_INTEGERS: ReadonlyMap<string, readonly [number, number]> = new Map([
  ["y", [0, 0xff]],
  ["n", [-0x8000, 0x7fff]],
  ["q", [0, 0xffff]],
  ["i", [-0x80000000, 0x7fffffff]],
  ["u", [0, 0xffffffff]],
] as const);

/** A value of a D-Bus type as JSON; undefined where the type is none that parameters have, or the value is none of it. */
export function encodeValue(signature: string, value: unknown): JsonValue | undefined {
  const json = toJson(signature, value);
  return json !== undefined && decodeValue(signature, json) !== undefined ? json : undefined;
}

/** The value that JSON stands for; undefined where it is none of the type. */
export function decodeValue(signature: string, json: unknown): unknown {
  const bounds = SMALL_INTEGERS.get(signature);
  if (bounds !== undefined) return isInteger(json, bounds) ? json : undefined;
  switch (signature) {
    case "s":
    case "o":
      return typeof json === "string" ? json : undefined;
    case "b":
      return typeof json === "boolean" ? json : undefined;
    case "x":
      return typeof json === "string" ? longOf(json, (value) => BigInt.asIntN(64, value)) : undefined;
    case "t":
      return typeof json === "string" ? longOf(json, (value) => BigInt.asUintN(64, value)) : undefined;
    case "d":
      return doubleOf(json);
    case "as":
      return Array.isArray(json) && json.every((item) => typeof item === "string") ? json : undefined;
    case "ay":
      return typeof json === "string" ? bytesOf(json) : undefined;
    default:
      return undefined;
  }
}

function toJson(signature: string, value: unknown): JsonValue | undefined {
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  // JSON has no NaN and no infinity.
  if (typeof value === "number") return signature === "d" && !Number.isFinite(value) ? String(value) : value;
  if (typeof value === "string" || typeof value === "boolean") return value;
  return Array.isArray(value) && value.every((item) => typeof item === "string") ? value : undefined;
}

function isInteger(json: unknown, [least, most]: readonly [number, number]): boolean {
  return typeof json === "number" && Number.isInteger(json) && json >= least && json <= most;
}

function longOf(json: string, wrapped: (value: bigint) => bigint): bigint | undefined {
  if (!/^-?[0-9]{1,20}$/.test(json)) return undefined;
  const value = BigInt(json);
  return wrapped(value) === value ? value : undefined;
}

function doubleOf(json: unknown): number | undefined {
  if (typeof json === "number") return json;
  return json === "NaN" || json === "Infinity" || json === "-Infinity" ? Number(json) : undefined;
}

function bytesOf(json: string): Uint8Array | undefined {
  const bytes = Buffer.from(json, "base64");
  return bytes.toString("base64") === json ? new Uint8Array(bytes) : undefined;
}
