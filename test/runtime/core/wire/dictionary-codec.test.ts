import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DictionaryShape, Shape } from "../../../../runtime/core/index.ts";
import { Variant } from "../../../../runtime/core/index.ts";
import { compileArguments } from "../../../../runtime/core/wire/arguments-codec.ts";
import { codecOf } from "../../../../runtime/core/wire/compile-codec.ts";
import {
  decodeBody,
  decodeBodyInSteps,
  decodeMessage,
  encodeMessage,
  type Message,
} from "../../../../runtime/core/wire/message.ts";
import { Reader } from "../../../../runtime/core/wire/reader.ts";
import { Writer } from "../../../../runtime/core/wire/writer.ts";
import { anyText } from "../../../setup/any-text.ts";
import { runs } from "../../../setup/runs.ts";
import { finish } from "./steps.ts";

const INNER: DictionaryShape = {
  kind: "dictionary",
  entries: { id: { key: "id", type: "s" }, mtu: { key: "mtu", type: "u" } },
  patterns: {
    hints: { pattern: "x-*", type: "s" },
    users: { pattern: "*.user", type: "u" },
    pairs: { pattern: "p.*.p", type: "u" },
  },
};
/** A dictionary whose values are dictionaries. In some of them, a key selects the shape. */
const SETTINGS: DictionaryShape = {
  kind: "dictionary",
  values: "a{sv}",
  entries: { connection: { key: "connection", type: "a{sv}", as: () => INNER }, self: { key: "self", type: "a{sv}" } },
};
const FSTAB: DictionaryShape = {
  kind: "dictionary",
  entries: { type: { key: "type", type: "s" }, size: { key: "size", type: "u" } },
};
const CRYPTTAB: DictionaryShape = {
  kind: "dictionary",
  entries: { type: { key: "type", type: "s" }, size: { key: "size", type: "s" } },
};
const CHOICE = {
  kind: "choice",
  key: "type",
  cases: [
    { value: "fstab", as: () => FSTAB },
    { value: "crypttab", as: () => CRYPTTAB },
  ],
} as const satisfies Shape;

const SELECTED: Shape = { kind: "selected", key: "kind", entries: "details", cases: CHOICE.cases };

const text = (value: string): Variant => new Variant("s", value);
const number = (value: number): Variant => new Variant("u", value);

function bytesOf(signature: string, value: unknown, shape?: Shape): Uint8Array {
  const codec = compileArguments([["value", codecOf(signature, shape)]]);
  const writer = new Writer();
  encodeMessage(writer, { type: 1, flags: 0, serial: 1, path: "/", member: "M" }, codec, [value]);
  return writer.copyBytes();
}

function decodedValue(message: Message, signature: string, shape?: Shape): unknown {
  return decodeBody(message, compileArguments([["value", codecOf(signature, shape)]]))[0];
}

describe("keys that match a pattern", () => {
  test.each<readonly [string, Readonly<Record<string, Variant>>, unknown]>([
    ["are in its record", { "x-a": text("1"), "x-": text("2") }, { hints: { "x-a": "1", "x-": "2" } }],
    ["belong to the first pattern that matches", { "x-a.user": text("1") }, { hints: { "x-a.user": "1" } }],
    ["may end with the fixed text", { "a.user": number(7) }, { users: { "a.user": 7 } }],
    ["are in extra if the value has another type", { "x-a": number(1) }, { extra: { "x-a": number(1) } }],
    ["cannot be shorter than the fixed texts", { x: text("1") }, { extra: { x: text("1") } }],
    ["cannot contain the fixed texts only in part", { "p.p": number(1) }, { extra: { "p.p": number(1) } }],
    ["may be as long as the fixed texts", { "p..p": number(1) }, { pairs: { "p..p": 1 } }],
    ["may be names of members of all objects", { "__proto__.user": number(1) }, { users: { "__proto__.user": 1 } }],
    [
      "yield to declared keys",
      { id: text("1"), mtu: text("no number") },
      { id: "1", extra: { mtu: text("no number") } },
    ],
  ])("%s", (_, entries, expected) => {
    const message = decodeMessage(bytesOf("a{sv}", entries));
    const typed = decodedValue(message, "a{sv}", INNER);
    expect(typed).toEqual(expected);
    expect(bytesOf("a{sv}", typed, INNER)).toEqual(bytesOf("a{sv}", entries));
  });

  test.each<readonly [string, unknown, string]>([
    ["of another pattern", { users: { "x-a.user": 1 } }, 'the key "x-a.user" does not belong in users'],
    ["without a match", { hints: { y: "1" } }, 'the key "y" does not belong in hints'],
    [
      "in the record and in extra",
      { hints: { "x-a": "1" }, extra: { "x-a": text("2") } },
      "is in extra although hints",
    ],
  ])("are refused in a record: a key %s", (_, value, message) => {
    expect(() => bytesOf("a{sv}", value, INNER)).toThrow(message);
  });
});

describe("a dictionary of dictionaries", () => {
  const plain = { 10: { a: text("1") }, connection: { "x-b": text("2"), id: text("home"), other: number(3) } };
  test("selects the type of the inner dictionary by its key, and keeps other dictionaries in extra", () => {
    expect(decodedValue(decodeMessage(bytesOf("a{sa{sv}}", plain)), "a{sa{sv}}", SETTINGS)).toEqual({
      connection: { id: "home", hints: { "x-b": "2" }, extra: { other: number(3) } },
      extra: { 10: { a: text("1") } },
    });
  });

  test("is encoded in the order of the wire after it was decoded", () => {
    const bytes = bytesOf("a{sa{sv}}", new Map(Object.entries(plain).toReversed()));
    expect(bytesOf("a{sa{sv}}", decodedValue(decodeMessage(bytes), "a{sa{sv}}", SETTINGS), SETTINGS)).toEqual(bytes);
  });

  test("is rejected as a shape if an entry has another type", () => {
    const shape: Shape = { kind: "dictionary", values: "a{sv}", entries: { id: { key: "id", type: "s" } } };
    expect(() => codecOf("a{sa{sv}}", shape)).toThrow('the key "id" is of type a{sv}');
  });
});

describe("a choice", () => {
  test.each<readonly [string, readonly (readonly [string, Variant])[], unknown]>([
    [
      "selects the shape by its key",
      [
        ["type", text("fstab")],
        ["size", number(1)],
      ],
      { type: "fstab", size: 1 },
    ],
    [
      "finds the key after others",
      [
        ["size", text("1")],
        ["type", text("crypttab")],
      ],
      { type: "crypttab", size: "1" },
    ],
    [
      "keeps all in extra for another value",
      [
        ["type", text("swap")],
        ["size", number(1)],
      ],
      { extra: { type: text("swap"), size: number(1) } },
    ],
    ["keeps all in extra without the key", [["size", number(1)]], { extra: { size: number(1) } }],
    ["keeps all in extra if the key is no string", [["type", number(1)]], { extra: { type: number(1) } }],
    [
      "uses the last of repeated keys",
      [
        ["type", number(1)],
        ["type", text("fstab")],
      ],
      { type: "fstab", extra: {} },
    ],
    ["can be empty", [], {}],
  ])("%s", (_, entries, expected) => {
    const message = decodeMessage(bytesOf("a(sv)", entries));
    expect(decodedValue(message, "a{sv}", CHOICE)).toEqual(expected);
  });

  test("is refused with a value that no case declares", () => {
    const message = 'type is not one of the declared values: "swap"';
    expect(() => bytesOf("a{sv}", { type: "swap" }, CHOICE)).toThrow(message);
  });

  test("is not entered if it is empty", () => {
    const variants = new Array<Uint8Array>(64).fill(Buffer.of(1, 0x76, 0));
    const reader = new Reader(Buffer.concat([Buffer.alloc(8), ...variants, Buffer.of(1, 0x79, 0, 7)]), true);
    expect(codecOf("a{sv}", CHOICE).decode(reader)).toEqual({});
    expect(() => codecOf("v").decode(reader)).toThrow("nested more than 64 deep");
  });

  test("is refused as a shape if a case does not declare the key", () => {
    const shape: Shape = { kind: "choice", key: "type", cases: [{ value: "a", as: () => INNER }] };
    expect(() => bytesOf("a{sv}", {}, shape)).toThrow('does not declare the key "type"');
  });
});

describe("a struct with a selecting field", () => {
  test.each<readonly [string, unknown, unknown]>([
    ["selects the shape by its first field", ["fstab", { size: number(1) }], { kind: "fstab", details: { size: 1 } }],
    ["is in extra for another value", ["swap", { size: number(1) }], { extra: ["swap", { size: number(1) }] }],
    ["keeps undeclared keys", ["fstab", { x: text("") }], { kind: "fstab", details: { extra: { x: text("") } } }],
  ])("%s", (_, value, expected) => {
    const message = decodeMessage(bytesOf("(sa{sv})", value));
    const decoded = decodedValue(message, "(sa{sv})", SELECTED);
    expect(decoded).toEqual(expected);
    const codec = compileArguments([["value", codecOf("(sa{sv})", SELECTED)]]);
    expect(finish(decodeBodyInSteps(message, codec))).toEqual([expected]);
    expect(bytesOf("(sa{sv})", decoded, SELECTED)).toEqual(bytesOf("(sa{sv})", value));
  });

  test.each<readonly [unknown, string]>([
    [{ kind: "swap", details: {} }, 'kind is not one of the declared values: "swap"'],
    [{ extra: ["fstab", {}] }, '"fstab" is in extra although it is a declared value of kind'],
    [{}, "expected kind and details, or extra as a list of two, got undefined"],
    [{ extra: ["swap"] }, "expected kind and details, or extra as a list of two"],
    [{ kind: "fstab" }, ".details: "],
    [{ kind: "fstab", details: { size: "1" } }, '.details["size"]: '],
    ["fstab", "expected"],
  ])("%j is refused: %s", (value, message) => {
    expect(() => bytesOf("(sa{sv})", value, SELECTED)).toThrow(message);
  });
});

const key = fc.oneof(
  fc.constantFrom(
    "id",
    "mtu",
    "connection",
    "self",
    "type",
    "x-a",
    "x-",
    "b.user",
    "10",
    "9",
    "__proto__",
    "extra",
    "hints",
  ),
  anyText().filter((value) => !value.includes("\0")),
);
const variant = fc.oneof(
  fc.constantFrom("fstab", "crypttab", "other").map(text),
  fc.nat(1000).map(number),
  fc.array(fc.nat(9), { maxLength: 3 }).map((items) => new Variant("ai", items)),
);
const entries = fc.uniqueArray(fc.tuple(key, variant), { selector: ([name]) => name, maxLength: 8 });
const nested = fc.uniqueArray(
  fc.tuple(
    key,
    entries.map((list) => new Map(list)),
  ),
  {
    selector: ([name]) => name,
    maxLength: 5,
  },
);

test.each<readonly [string, Shape, fc.Arbitrary<unknown>]>([
  ["a{sv}", INNER, entries.map((list) => new Map(list))],
  ["a{sv}", CHOICE, entries.map((list) => new Map(list))],
  ["a{sa{sv}}", SETTINGS, nested.map((list) => new Map(list))],
  ["a{sa{sv}}", { kind: "values", of: CHOICE }, nested.map((list) => new Map(list))],
  [
    "aa{sv}",
    { kind: "items", of: INNER },
    fc.array(
      entries.map((list) => new Map(list)),
      { maxLength: 3 },
    ),
  ],
  [
    "aa{sv}",
    { kind: "items", of: CHOICE },
    fc.array(
      entries.map((list) => new Map(list)),
      { maxLength: 3 },
    ),
  ],
  [
    "(sa{sv})",
    SELECTED,
    fc.tuple(
      fc.constantFrom("fstab", "crypttab", "other", ""),
      entries.map((list) => new Map(list)),
    ),
  ],
])("any %s is sent back byte by byte after it was decoded with a shape (%#)", (signature, shape, values) => {
  fc.assert(
    fc.property(values, (value) => {
      const bytes = bytesOf(signature, value);
      expect(bytesOf(signature, decodedValue(decodeMessage(bytes), signature, shape), shape)).toEqual(bytes);
    }),
    { numRuns: runs(200) },
  );
});

test.each<readonly [string, Shape, unknown]>([
  ["a{sv}", INNER, { "x-a": text("1"), id: new Variant("as", new Array(5000).fill("text")), b: text("2") }],
  ["a{sv}", CHOICE, { size: new Variant("as", new Array(20_000).fill("text")), type: text("fstab") }],
  ["(sa{sv})", SELECTED, ["fstab", { size: new Variant("as", new Array(20_000).fill("text")) }]],
  ["a{sa{sv}}", SETTINGS, { connection: { id: text("a"), list: new Variant("as", new Array(5000).fill("text")) } }],
])("a large %s is decoded to the same value in steps and at once (%#)", (signature, shape, value) => {
  const message = decodeMessage(bytesOf(signature, value));
  const steps = decodeBodyInSteps(message, compileArguments([["value", codecOf(signature, shape)]]));
  let pauses = 0;
  let step = steps.next();
  for (; !step.done; step = steps.next()) pauses++;
  expect(step.value).toEqual([decodedValue(message, signature, shape)]);
  expect(pauses).toBeGreaterThan(0);
});
