import { describe, expect, test } from "vitest";
import { Variant } from "../../../../runtime/core/index.ts";
import { DecodingCost } from "../../../../runtime/core/wire/decoding-cost.ts";
import { costOf, typesOf } from "../fixtures/decoding-cost.ts";
import { bytesOf } from "./reference-encoder.ts";

/** Returns a dictionary with the keys `aa0`, `aa1` and so on. */
const record = (length: number): Record<string, number> =>
  Object.fromEntries(Array.from({ length }, (_, index) => [`aa${index}`, 1]));

describe("memory of decoded values in bytes", () => {
  test.each<readonly [string, string, unknown, number]>([
    ["a small number", "u", 2 ** 31 - 1, 8],
    ["a large number", "u", 2 ** 31, 24],
    ["a fraction", "d", 0.5, 24],
    ["a bigint", "t", 1n, 32],
    ["a byte", "y", 1, 8],
    ["an empty text", "s", "", 8],
    ["a character", "s", "a", 8],
    ["two characters", "s", "ab", 8 + 16 + 8],
    ["a path of nine bytes", "o", "/abcdefgh", 8 + 16 + 16],
    ["a signature", "g", "a{sv}", 8 + 16 + 8],
    ["an empty array", "as", [], 8 + 32],
    ["an array of texts", "as", ["", ""], 8 + 48 + 16],
    ["an empty array of numbers", "au", [], 8 + 32],
    ["an array of numbers", "au", [2 ** 31, 1], 8 + 48 + 16],
    ["an array of 16-bit numbers", "aq", [1, 2, 3], 8 + 48 + 24],
    ["an array of bigints", "at", [1n, 2n], 8 + 48 + 64],
    ["an empty byte array", "ay", new Uint8Array(0), 8],
    ["a byte array", "ay", new Uint8Array(100), 8 + 200 + 100],
    ["a byte array that is a view", "ay", new Uint8Array(2 ** 15), 8 + 200],
    ["a struct", "(uu)", [1, 2], 8 + 48 + 16],
    ["a variant", "v", new Variant("u", 1), 40 + 8],
    ["a variant with a long signature", "v", new Variant("(uuuuuuu)", [1, 1, 1, 1, 1, 1, 1]), 40 + 72 + 56 + 56],
    ["an empty Map", "a{uu}", new Map(), 8 + 184],
    ["a Map", "a{uu}", new Map([[1, 2 ** 31]]), 8 + 184 + 24 + 8 + 24],
    ["an empty record", "a{sv}", {}, 8 + 56],
    ["a record with a new key", "a{sy}", { aa: 1 }, 8 + 56 + 120 + 24 + 8],
    ["records with the same keys", "aa{sy}", [{ aa: 1 }, { aa: 1 }], 8 + 48 + 2 * (8 + 56 + 8) + 120 + 24],
    ["a key in another place", "aa{sy}", [{ aa: 1 }, { bb: 1, aa: 1 }], 8 + 48 + 2 * 64 + 3 * (8 + 24) + 296],
    ["a record that is a hash table", "a{sy}", record(17), 64 + 17 * (8 + 24) + 120 + 16 * 56 + 800],
    ["two of them", "aa{sy}", [record(18), record(18)], 56 + 128 + 36 * 8 + 120 + 17 * 56 + 18 * 24 + 1600 + 48],
    ["keys that begin with a digit", "a{sy}", { 1: 1, 2: 1 }, 64 + 16 + 120 + 56 + 344 + 80],
    ["a key that begins with a colon", "a{sy}", { ":a": 1 }, 8 + 56 + 120 + 24 + 8],
    [
      "the longest key that is shared",
      "aa{sy}",
      [{ ["k".repeat(255)]: 1 }, { ["k".repeat(255)]: 1 }],
      56 + 2 * 72 + 120 + 272,
    ],
    ["a long key", "aa{sy}", [{ ["k".repeat(256)]: 1 }, { ["k".repeat(256)]: 1 }], 56 + 2 * (72 + 120 + 272)],
  ])("%s", (_, signature, value, expected) => {
    const cost = costOf(signature, [value]);
    expect([cost.run(), cost.decodedBytes]).toEqual(["counted", expected]);
  });
});

test.each([
  ["numbers", "au", [[1, 2, 3]], 2 + 1 + 3],
  ["texts", "as", [["x".repeat(1000)]], 1 + 2 + 1 + 3],
  ["a record with a key that begins with a digit", "a{sy}", [{ 1: 1 }], 4 + 1 + 4 + 1],
  ["a byte array", "ay", [new Uint8Array(1000)], 1 + 4],
  ["structs", "a(y)", [[[1], [2]]], 3 + 2 * 3],
  ["a variant with a long signature", "v", [new Variant("(sssssss)", ["", "", "", "", "", "", ""])], 1 + 9 + 2 + 7],
])("work of %s", (_, signature, values, expected) => {
  const cost = costOf(signature, values);
  cost.run();
  expect(cost.work).toBe(expected);
});

test("items of long arrays are reported by the offset of the first", () => {
  const cost = costOf("asasau", [["a"], new Array(2 ** 12).fill(""), new Array(2 ** 13).fill(1)]);
  cost.run();
  expect([...cost.itemCounts]).toEqual([[16 + 4 + 6 + 2 + 4, 2 ** 12]]);
});

describe("a count ends", () => {
  test("above the given memory", () => {
    const cost = costOf("as", [new Array(1000).fill("")], 100);
    expect([cost.run(), cost.decodedBytes]).toEqual(["exceeded", 104]);
  });

  test.each([
    ["a path", "o", "/a".repeat(2 ** 15 + 1)],
    ["a key", "a{sy}", { [`${"k".repeat(2 ** 16 + 1)}`]: 1 }],
  ])("at %s of more than 64 KiB", (_, signature, value) => {
    expect(costOf(signature, [value]).run()).toBe("exceeded");
  });

  test("before a number that the message does not contain", () => {
    for (const signature of ["s", "as", "a{sv}", "au", "o", "(s)"])
      expect(new DecodingCost(Uint8Array.of(1, 2), true, 0, typesOf(signature)).run()).toBe("counted");
  });

  test("before an array that is longer than the message", () => {
    const bytes = Buffer.alloc(8);
    bytes.writeUInt32LE(0x1000);
    const cost = new DecodingCost(bytes, true, 0, typesOf("aas"));
    expect([cost.run(), cost.decodedBytes]).toEqual(["counted", 8]);
  });

  test("at the first error of a malformed body, which the decoder reports", () => {
    const bytes = Uint8Array.from([...new Array(16).fill(0), 0xff, 0xff, 0xff, 0x7f, 1, 2, 3, 4]);
    for (const signature of ["s", "as", "a(y)", "a{sv}", "au", "v", "g", "o", "t", "(ss)"]) {
      expect(new DecodingCost(bytes, true, 16, typesOf(signature)).run()).toBe("counted");
    }
  });
});

test.each([
  ["is not valid", "!"],
  ["has two types", "yy"],
  ["is empty", ""],
])("a variant whose signature %s is counted without its value", (_, signature) => {
  const bytes = Buffer.from(`${String.fromCharCode(signature.length)}${signature}\0aaaa`);
  const cost = new DecodingCost(bytes, true, 0, typesOf("v"));
  expect([cost.run(), cost.decodedBytes]).toEqual(["counted", 40]);
});

test("without a limit, all keys count as new", () => {
  const bytes = (limit: number): number => {
    const cost = costOf("aa{sy}", [[{ aa: 1 }, { aa: 1 }]], limit);
    cost.run();
    return cost.decodedBytes;
  };
  expect(bytes(Number.POSITIVE_INFINITY) - bytes(2 ** 20)).toBe(120 + 24);
});

test.each([
  [0x8000_0000, 24],
  [0x7fff_ffff, 8],
  [0x00ff_ffff, 8],
  [0x0000_0080, 8],
  [0xffff_ffff, 24],
])("the number %i takes %i bytes in both byte orders", (value, expected) => {
  for (const littleEndian of [true, false]) {
    const bytes = bytesOf([{ type: "u", value }], littleEndian);
    const cost = new DecodingCost(bytes, littleEndian, 0, typesOf("u"));
    cost.run();
    expect(cost.decodedBytes).toBe(expected);
  }
});
