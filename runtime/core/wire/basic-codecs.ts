import type { Codec } from "./codec.ts";
import { describeValue, InvalidValueError, MalformedMessageError } from "./errors.ts";
import { MAX_RECEIVED_NAME_LENGTH } from "./limits.ts";
import { isObjectPath } from "./name-syntax.ts";
import type { Reader } from "./reader.ts";
import { type BasicCode, isSignature } from "./signature.ts";
import { TextCache } from "./text-cache.ts";
import type { Writer } from "./writer.ts";

const PATHS = new TextCache();

const invalid = (expected: string, value: unknown): InvalidValueError =>
  new InvalidValueError(`expected ${expected}, got ${describeValue(value)}`);

function integer(
  signature: BasicCode,
  [min, max]: readonly [min: number, max: number],
  alignment: 1 | 2 | 4,
  write: (writer: Writer, value: number) => void,
  decode: (reader: Reader) => number,
): Codec {
  const expected = `an integer from ${min} to ${max}`;
  const encode = (writer: Writer, value: unknown): void => {
    if (typeof value !== "number" || !Number.isInteger(value) || value < min || value > max)
      throw invalid(expected, value);
    write(writer, value);
  };
  return { signature, alignment, fixed: true, encode, decode };
}

function bigInteger(
  signature: BasicCode,
  [min, max]: readonly [min: bigint, max: bigint],
  decode: (reader: Reader) => bigint,
): Codec {
  const expected = `a bigint from ${min} to ${max}`;
  const encode = (writer: Writer, value: unknown): void => {
    if (typeof value !== "bigint" || value < min || value > max) throw invalid(expected, value);
    writer.i64(value);
  };
  return { signature, alignment: 8, fixed: true, encode, decode };
}

const boolean: Codec = {
  signature: "b",
  alignment: 4,
  fixed: true,
  encode(writer, value) {
    if (typeof value !== "boolean") throw invalid("a boolean", value);
    writer.u32(value ? 1 : 0);
  },
  decode(reader) {
    const value = reader.u32();
    if (value > 1) throw new MalformedMessageError("a boolean is neither 0 nor 1");
    return value === 1;
  },
};

const double: Codec = {
  signature: "d",
  alignment: 8,
  fixed: true,
  encode(writer, value) {
    if (typeof value !== "number") throw invalid("a number", value);
    writer.f64(value);
  },
  decode: (reader) => reader.f64(),
};

const string: Codec = {
  signature: "s",
  alignment: 4,
  fixed: false,
  encode(writer, value) {
    if (typeof value !== "string") throw invalid("a string", value);
    writer.string(value);
  },
  decode: (reader) => reader.string(),
  decodeInSteps: (reader) => (reader.isLongStringNext ? reader.stringInSteps() : undefined),
};

const objectPath: Codec = {
  signature: "o",
  alignment: 4,
  fixed: false,
  encode(writer, value) {
    if (typeof value !== "string" || !isObjectPath(value)) throw invalid("an object path", value);
    writer.string(value);
  },
  decode(reader) {
    const path = reader.validString(PATHS, isObjectPath, MAX_RECEIVED_NAME_LENGTH);
    if (path === undefined) throw new MalformedMessageError("an object path is not valid");
    return path;
  },
};

const signature: Codec = {
  signature: "g",
  alignment: 1,
  fixed: false,
  encode(writer, value) {
    if (typeof value !== "string" || !isSignature(value)) throw invalid("a signature", value);
    writer.signature(value);
  },
  decode(reader) {
    const text = reader.validSignature();
    if (text === undefined) throw new MalformedMessageError("a signature is not valid");
    return text;
  },
};

const unixFd: Codec = {
  signature: "h",
  alignment: 4,
  fixed: true,
  encode(writer, value) {
    if (typeof value !== "number" || !Number.isInteger(value) || value < 0) throw invalid("a file descriptor", value);
    writer.descriptor(value);
  },
  decode: (reader) => reader.descriptor(),
};

/** Codecs of the basic types by their code. */
export const BASIC_CODECS: Readonly<Record<BasicCode, Codec>> = {
  y: integer(
    "y",
    [0, 0xff],
    1,
    (writer, value) => writer.u8(value),
    (reader) => reader.u8(),
  ),
  n: integer(
    "n",
    [-0x8000, 0x7fff],
    2,
    (writer, value) => writer.i16(value),
    (reader) => reader.i16(),
  ),
  q: integer(
    "q",
    [0, 0xffff],
    2,
    (writer, value) => writer.i16(value),
    (reader) => reader.u16(),
  ),
  i: integer(
    "i",
    [-0x8000_0000, 0x7fff_ffff],
    4,
    (writer, value) => writer.u32(value),
    (reader) => reader.i32(),
  ),
  u: integer(
    "u",
    [0, 0xffff_ffff],
    4,
    (writer, value) => writer.u32(value),
    (reader) => reader.u32(),
  ),
  x: bigInteger("x", [-(2n ** 63n), 2n ** 63n - 1n], (reader) => reader.i64()),
  t: bigInteger("t", [0n, 2n ** 64n - 1n], (reader) => reader.u64()),
  b: boolean,
  d: double,
  s: string,
  o: objectPath,
  g: signature,
  h: unixFd,
};
