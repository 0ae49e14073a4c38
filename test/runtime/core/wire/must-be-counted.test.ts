import { expect, test } from "vitest";
import { bodyCodec } from "../../../../runtime/core/wire/arguments-codec.ts";
import { decodeMessage, encodeMessage, mustBeCounted } from "../../../../runtime/core/wire/message.ts";
import { Writer } from "../../../../runtime/core/wire/writer.ts";

const KIB = 1024;
const QUOTA = 2 ** 22;

test.each<readonly [string, readonly unknown[], number, boolean]>([
  ["as", [new Array(100).fill("text")], QUOTA, false],
  ["as", [new Array(100).fill("text")], 2 ** 16, true],
  // A body of 37 bytes: 4 for the length of the array, 12 for each text with its padding, and 9 for the last text. The
  // decoded values take at most 64 bytes per byte.
  ["as", [new Array(3).fill("text")], 64 * 37, false],
  ["as", [new Array(3).fill("text")], 64 * 37 - 1, true],
  ["au", [new Array(2 ** 12 - 1).fill(1)], QUOTA, false],
  ["au", [new Array(2 ** 12).fill(1)], QUOTA, true],
  ["s", ["x".repeat(256 * KIB - 5)], QUOTA, false],
  ["s", ["x".repeat(256 * KIB - 4)], QUOTA, true],
  ["s", ["x".repeat(100 * KIB)], 2 ** 16 + 2 ** 18, false],
  ["s", ["x".repeat(100 * KIB)], 2 ** 16 + 2 ** 18 - 1, true],
  ["as", [new Array(2_000).fill("text")], QUOTA, true],
  ["as", [new Array(10_000).fill("text")], QUOTA, true],
  ["aas", [new Array(100).fill(new Array(20).fill("text"))], QUOTA, true],
  ["ao", [new Array(3_000).fill("/a")], QUOTA, true],
  ["s", ["x".repeat(100 * KIB)], QUOTA, false],
  ["s", ["x".repeat(300 * KIB)], QUOTA, true],
  ["ay", [new Uint8Array(300 * KIB)], QUOTA, false],
  ["ay", [new Uint8Array(300 * KIB)], 200, true],
  ["(say)u", [["", new Uint8Array(100 * KIB)], 7], QUOTA, false],
  ["aay", [[new Uint8Array(100 * KIB)]], QUOTA, true],
  ["say", ["", new Uint8Array(300 * KIB)], QUOTA, true],
  ["oay", ["/", new Uint8Array(100 * KIB)], QUOTA, true],
])("a body of %s is counted before it is decoded only if it may take much memory or time", (...row) => {
  const [signature, values, maxDecodedBytes, expected] = row;
  const writer = new Writer();
  const header = { type: 1, flags: 0, serial: 1, path: "/", member: "M" };
  encodeMessage(writer, header, bodyCodec(signature), values);
  expect(mustBeCounted(decodeMessage(writer.copyBytes()), maxDecodedBytes)).toBe(expected);
});
