import { describe, expect, test } from "vitest";
import { hashWithKey, KeyShapes, NO_KEYS } from "../../../../runtime/core/wire/key-shapes.ts";

/** Returns the hash of a sequence of keys. */
const hashOf = (...keys: readonly string[]): number =>
  keys.reduce((hash, key) => hashWithKey(hash, Buffer.from(`..${key}`), 2, key.length), NO_KEYS);

describe("the hash of a sequence of keys", () => {
  test.each([
    ["the order", ["a", "b"], ["b", "a"]],
    ["where a key ends", ["ab", "c"], ["a", "bc"]],
    ["an empty key", ["a"], ["a", ""]],
    ["the last key", ["a", "b"], ["a", "c"]],
    ["the first key", ["a", "b"], ["c", "b"]],
    ["the length of the sequence", ["a"], ["a", "a"]],
  ])("depends on %s", (_, keys, others) => {
    expect(hashOf(...keys)).not.toBe(hashOf(...others));
    expect(hashOf(...keys)).toBe(hashOf(...keys));
  });
});

test("hundreds of sequences are remembered; with too many, some are forgotten", () => {
  const shapes = new KeyShapes();
  const add = (count: number): number =>
    Array.from({ length: count }, (_, index) => shapes.add(hashOf(`key${index}`))).filter((isNew) => isNew).length;
  expect([add(300), add(300)]).toEqual([300, 0]);
  add(100_000);
  expect(add(300)).toBeGreaterThan(200);
});

test("hashes differ in each process", () => {
  // A random number of 32 bits: it is 0 once in four billion runs.
  expect(NO_KEYS).not.toBe(0);
});
