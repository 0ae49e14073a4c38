import fc from "fast-check";
import { expect, test } from "vitest";
import { bodyCodec } from "../../../../runtime/core/wire/arguments-codec.ts";
import { Reader } from "../../../../runtime/core/wire/reader.ts";
import { Writer } from "../../../../runtime/core/wire/writer.ts";
import { runs } from "../../../setup/runs.ts";

const LISTS = bodyCodec("yasu");
const text = fc.oneof(
  { weight: 5, arbitrary: fc.string({ maxLength: 70, unit: fc.constantFrom(..."abcXYZ 019") }) },
  fc.constantFrom(
    "",
    "ä",
    "日本語",
    "😀",
    "x".repeat(32),
    "x".repeat(33),
    "é".repeat(33),
    "x".repeat(97),
    "x".repeat(300),
  ),
);

test("lists of texts of any number and kind are encoded as one text after the other, and decoded", () => {
  fc.assert(
    fc.property(fc.array(text, { maxLength: 200, size: "max" }), (texts) => {
      const bytes = encode(texts);
      expect(Buffer.from(bytes).equals(encodeSingly(texts))).toBe(true);
      expect(LISTS.decode(new Reader(bytes, true))).toEqual([7, texts, 9]);
    }),
    { numRuns: runs(100) },
  );
});

test.each<readonly [string, unknown, string]>([
  ["no text", 5, "[70]: expected a string"],
  ["a text with NUL", "a\0b", "[70]: a string must not contain NUL"],
  ["a text with a lone surrogate", "\ud800", "[70]: a string must not contain a lone surrogate"],
])("%s in a list is refused with its place", (_, bad, message) => {
  for (const others of ["ascii", "ä"]) {
    const texts: unknown[] = new Array(200).fill(others);
    texts[70] = bad;
    expect(() => encode(texts)).toThrow(message);
  }
});

test.each<readonly [string, (bytes: Uint8Array) => void]>([
  ["a text without NUL at its end", (bytes) => bytes.fill(0x61, 8 + 4 + 5, 8 + 4 + 6)],
  ["padding that is not zero", (bytes) => bytes.fill(1, 8 + 4 + 6, 8 + 4 + 7)],
  ["a text that goes past the end of the list", (bytes) => bytes.fill(0xff, 8, 10)],
  ["a text with NUL inside", (bytes) => bytes.fill(0, 8 + 4, 8 + 5)],
  ["a text that is not UTF-8", (bytes) => bytes.fill(0xff, 8 + 4, 8 + 5)],
])("%s in a long list is malformed", (_, damage) => {
  const bytes = encode(new Array(1000).fill("texts"));
  damage(bytes);
  expect(() => LISTS.decode(new Reader(bytes, true))).toThrow();
});

function encode(texts: readonly unknown[]): Uint8Array {
  const writer = new Writer();
  LISTS.encode(writer, [7, texts, 9]);
  return writer.copyBytes();
}

function encodeSingly(texts: readonly string[]): Uint8Array {
  const writer = new Writer();
  writer.u8(7);
  writer.u32(0);
  const start = writer.offset;
  for (const item of texts) writer.string(item);
  writer.patchU32(start - 4, writer.offset - start);
  writer.u32(9);
  return writer.copyBytes();
}
