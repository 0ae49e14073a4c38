import { isDeepStrictEqual } from "node:util";
import { describe, expect, test } from "vitest";
import type { Shape } from "../../../../runtime/core/index.ts";
import { MalformedMessageError, Variant } from "../../../../runtime/core/index.ts";
import { type ArgumentsCodec, bodyCodec, compileArguments } from "../../../../runtime/core/wire/arguments-codec.ts";
import { codecOf } from "../../../../runtime/core/wire/compile-codec.ts";
import { keysInOrder } from "../../../../runtime/core/wire/key-order.ts";
import {
  decodeBody,
  decodeBodyInSteps,
  decodeMessage,
  encodeMessage,
  type Message,
} from "../../../../runtime/core/wire/message.ts";
import { Writer } from "../../../../runtime/core/wire/writer.ts";
import { callWithBody, LARGE_BODIES } from "../../../reliability/large-bodies.ts";

/** Decodes a body in steps. Returns the values and the number of pauses. */
function decodeWithPauses(message: Message, codec: ArgumentsCodec): { values: unknown[]; pauses: number } {
  const steps = decodeBodyInSteps(message, codec);
  for (let pauses = 0; ; pauses++) {
    const step = steps.next();
    if (step.done) return { values: step.value, pauses };
  }
}

function messageOf(codec: ArgumentsCodec, values: readonly unknown[]): Message {
  const writer = new Writer();
  encodeMessage(writer, { type: 1, flags: 0, serial: 1, path: "/", member: "M" }, codec, values);
  return decodeMessage(writer.copyBytes());
}

test.each(LARGE_BODIES)("$name are decoded to the same values in steps and at once", (body) => {
  const message = decodeMessage(callWithBody(1, ":1.2", body, body.make(body.signature === "s" ? 2 ** 20 : 2 ** 18)));
  const codec = bodyCodec(body.signature);
  const { values, pauses } = decodeWithPauses(message, codec);
  // Compares with `isDeepStrictEqual`, because `toEqual` takes seconds for a million bytes.
  expect(isDeepStrictEqual(values, decodeBody(message, codec))).toBe(true);
  // A view of the bytes is created without pauses.
  if (body.signature !== "ay") expect(pauses).toBeGreaterThan(2);
});

describe("large values with a shape are decoded to the same values in steps and at once", () => {
  const STRUCT: Shape = { kind: "struct", fields: { name: { type: "s" }, values: { type: "au" } } };
  const DICTIONARY: Shape = {
    kind: "dictionary",
    entries: { list: { key: "List", type: "as" }, number: { key: "Number", type: "u" } },
  };
  const texts = new Array(5000).fill("text");
  const numbers = Array.from({ length: 5000 }, (_, index) => index);
  const extra = { 10: new Variant("as", texts), 9: new Variant("u", 1), Number: new Variant("s", "of another type") };
  test.each<readonly [string, Shape, unknown]>([
    ["(sau)", STRUCT, { name: "a", values: numbers }],
    ["a(sau)", { kind: "items", of: STRUCT }, numbers.map((index) => ({ name: `${index}`, values: [index] }))],
    ["a{sv}", DICTIONARY, { list: texts, number: 7 }],
    ["a{sv}", DICTIONARY, { list: texts, extra }],
    ["a{sa{sv}}", { kind: "values", of: DICTIONARY }, { first: { list: texts }, 2: { number: 2 }, 1: { list: texts } }],
    ["a{ua{sv}}", { kind: "values", of: DICTIONARY }, new Map([[7, { list: texts, extra: { a: extra[10] } }]])],
  ])("%s", (signature, shape, value) => {
    const codec = compileArguments([["value", codecOf(signature, shape)]]);
    const message = messageOf(codec, [value]);
    const { values, pauses } = decodeWithPauses(message, codec);
    expect(values).toEqual(decodeBody(message, codec));
    expect(pauses).toBeGreaterThan(0);
  });
});

test("a dictionary that is decoded in steps keeps the order of its keys", () => {
  const keys = ["z", ...Array.from({ length: 5000 }, (_, index) => `${5000 - index}`)];
  const codec = bodyCodec("a{sy}");
  const message = messageOf(codec, [new Map(keys.map((key) => [key, 1]))]);
  const [record] = decodeWithPauses(message, codec).values;
  expect(keysInOrder(Object(record))).toEqual(keys);
});

test.each([
  ["NUL", "a\0b", "contains NUL"],
  ["an invalid byte", Buffer.of(0x61, 0xff), "is not UTF-8"],
])("a long text with %s after a pause is malformed", (_, part, expected) => {
  const codec = bodyCodec("s");
  const text = `${"\u{1f3b5}é".repeat(200_000)}`;
  const message = messageOf(codec, [text]);
  expect(decodeWithPauses(message, codec).values).toEqual([text]);
  message.bytes.set(Buffer.from(part), message.bytes.length - 100);
  expect(() => decodeWithPauses(message, codec)).toThrow(MalformedMessageError);
  expect(() => decodeWithPauses(message, codec)).toThrow(expected);
});
