import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatTxt, parseTxt } from "../../../generator/catalogue/avahi/index.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

describe("parseTxt", () => {
  test.each([
    ["a value", ["path=/lamp"], [["path", "/lamp"]]],
    ["a value with an equals sign", ["a=b=c"], [["a", "b=c"]]],
    ["an empty value", ["a="], [["a", ""]]],
    ["a key without a value", ["a"], [["a", true]]],
    ["a value with a line break", ["a=b\nc"], [["a", "b\nc"]]],
    ["keys in upper case", ["Path=X"], [["path", "X"]]],
    ["equal keys, of which the first counts", ["a=1", "A=2"], [["a", "1"]]],
    ["entries without a key", ["=1", ""], []],
  ])("reads %s", (_, entries, expected) => {
    expect([...parseTxt(entries.map(bytes))]).toEqual(expected);
  });
});

describe("formatTxt", () => {
  test.each([
    ["an empty key", { "": true }, /no key/],
    ["a key with an equals sign", { "a=b": true }, /no key/],
    ["a key that is not ASCII", { ä: true }, /no key/],
    ["an entry of 256 bytes", { a: "x".repeat(254) }, /more than 255 bytes/],
  ] as const)("rejects %s", (_, values, message) => {
    expect(() => formatTxt(values)).toThrow(message);
  });

  test("accepts bytes and entries of 255 bytes", () => {
    const entries = formatTxt({ a: new Uint8Array([0, 255]), b: "x".repeat(253) });
    expect([[...(entries[0] ?? [])], entries[1]?.length]).toEqual([[97, 61, 0, 255], 255]);
  });

  test("writes what parseTxt reads", () => {
    const key = fc.stringMatching(/^[ -<>-@[-~]{1,9}$/);
    const value = fc.oneof(fc.string({ unit: "grapheme", maxLength: 40 }), fc.constant(true as const));
    fc.assert(
      fc.property(fc.dictionary(key, value), (values) => {
        expect([...parseTxt(formatTxt(values))]).toEqual(Object.entries(values));
      }),
    );
  });
});
