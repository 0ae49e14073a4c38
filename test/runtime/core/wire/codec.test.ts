import { describe, expect, test } from "vitest";
import { InvalidValueError, MalformedMessageError, type Shape, Variant } from "../../../../runtime/core/index.ts";
import { codecOf } from "../../../../runtime/core/wire/compile-codec.ts";
import { Descriptors } from "../../../../runtime/core/wire/descriptors.ts";
import { Reader } from "../../../../runtime/core/wire/reader.ts";
import { Writer } from "../../../../runtime/core/wire/writer.ts";

const hex = (text: string): Uint8Array => Buffer.from(text.replaceAll(" ", ""), "hex");
const record = (entries: object): object => Object.assign(Object.create(null), entries);

function encode(type: string, value: unknown, shape?: Shape): string {
  return Buffer.from(encodeBytes(type, value, shape)).toString("hex");
}

function encodeBytes(type: string, value: unknown, shape?: Shape): Uint8Array {
  const writer = new Writer();
  codecOf(type, shape).encode(writer, value);
  return writer.copyBytes();
}

function decode(type: string, bytes: Uint8Array, littleEndian = true, shape?: Shape): unknown {
  const reader = new Reader(bytes, littleEndian);
  const value = codecOf(type, shape).decode(reader);
  reader.assertEnd();
  return value;
}

// type, value, little-endian bytes, big-endian bytes
const VALUES: readonly (readonly [string, unknown, string, string])[] = [
  ["y", 255, "ff", "ff"],
  ["b", true, "01000000", "00000001"],
  ["b", false, "00000000", "00000000"],
  ["n", -2, "feff", "fffe"],
  ["q", 65534, "feff", "fffe"],
  ["i", -2147483648, "00000080", "80000000"],
  ["u", 4294967295, "ffffffff", "ffffffff"],
  ["x", -(2n ** 63n), "0000000000000080", "8000000000000000"],
  ["t", 2n ** 64n - 2n, "feffffffffffffff", "fffffffffffffffe"],
  ["d", 1.5, "000000000000f83f", "3ff8000000000000"],
  ["d", Number.NEGATIVE_INFINITY, "000000000000f0ff", "fff0000000000000"],
  ["s", "", "00000000 00", "00000000 00"],
  ["s", "aé", "03000000 61c3a9 00", "00000003 61c3a9 00"],
  ["o", "/a", "02000000 2f61 00", "00000002 2f61 00"],
  ["g", "a{sv}", "05 617b73767d 00", "05 617b73767d 00"],
  ["v", new Variant("q", 1), "01 71 00 00 0100", "01 71 00 00 0001"],
  ["ay", new Uint8Array([1, 2]), "02000000 0102", "00000002 0102"],
  ["at", [], "00000000 00000000", "00000000 00000000"],
  ["at", [1n], "08000000 00000000 0100000000000000", "00000008 00000000 0000000000000001"],
  ["an", [1, -1], "04000000 0100 ffff", "00000004 0001 ffff"],
  ["(yu)", [1, 2], "01 000000 02000000", "01 000000 00000002"],
  ["a{sy}", record({ a: 1 }), "07000000 00000000 01000000 6100 01", "00000007 00000000 00000001 6100 01"],
  ["a{yy}", new Map([[1, 2]]), "02000000 00000000 0102", "00000002 00000000 0102"],
  ["a{oy}", new Map([["/", 2]]), "07000000 00000000 01000000 2f00 02", "00000007 00000000 00000001 2f00 02"],
  ["aay", [new Uint8Array([9])], "05000000 01000000 09", "00000005 00000001 09"],
];

describe("values", () => {
  test.each(VALUES)("%s %o", (type, value, little, big) => {
    expect(encode(type, value)).toBe(little.replaceAll(" ", ""));
    expect(decode(type, hex(little))).toEqual(value);
    expect(decode(type, hex(big), false)).toEqual(value);
  });

  const track: Shape = { kind: "struct", fields: { uri: { type: "s" }, length: { type: "y" } } };
  const options: Shape = {
    kind: "dictionary",
    entries: { loud: { key: "Loud", type: "y" }, track: { key: "Track", type: "(sy)", as: () => track } },
  };
  const nested: Shape = { kind: "dictionary", entries: { inner: { key: "I", type: "a{sv}", as: () => nested } } };
  const SHAPED: readonly (readonly [string, Shape, unknown, string])[] = [
    ["(sy)", track, { uri: "u", length: 7 }, "01000000 7500 07"],
    ["a(sy)", { kind: "items", of: track }, [{ uri: "u", length: 7 }], "07000000 00000000 01000000 7500 07"],
    [
      "a{y(sy)}",
      { kind: "values", of: track },
      new Map([[1, { uri: "u", length: 7 }]]),
      "0f000000 00000000 01 00000000000000 01000000 7500 07",
    ],
    ["a{sv}", options, { loud: 3 }, "0d000000 00000000 04000000 4c6f756400 017900 03"],
    [
      "a{sv}",
      options,
      { track: { uri: "u", length: 1 } },
      "17000000 00000000 05000000 547261636b00 042873792900 01000000 7500 01",
    ],
    ["a{sv}", options, { extra: record({ X: new Variant("y", 1) }) }, "0a000000 00000000 01000000 5800 017900 01"],
    [
      "a{sv}",
      options,
      { extra: record({ Loud: new Variant("b", true) }) },
      "10000000 00000000 04000000 4c6f756400 016200 01000000",
    ],
    [
      "a{sv}",
      nested,
      { inner: { inner: {} } },
      "30000000 00000000 01000000 4900 05617b73767d00 000000 18000000 00000000 01000000 4900 05617b73767d00 000000 00000000 00000000",
    ],
  ];
  test.each(SHAPED)("%s of a shape", (type, shape, value, bytes) => {
    expect(decode(type, hex(encode(type, value, shape)), true, shape)).toEqual(value);
    expect(encode(type, value, shape)).toBe(bytes.replaceAll(" ", ""));
  });

  test("undefined members are skipped", () => {
    expect(encode("a{sv}", { loud: undefined, extra: { X: undefined } }, options)).toBe("0000000000000000");
  });

  test("keys of Object.prototype are plain keys", () => {
    const bytes = encode("a{sy}", JSON.parse('{"__proto__": 1, "constructor": 2}'));
    const decoded = decode("a{sy}", hex(bytes));
    expect(Object.entries(Object(decoded))).toEqual([
      ["__proto__", 1],
      ["constructor", 2],
    ]);
    expect(Object.getPrototypeOf(decoded)).toBeNull();
  });

  test("decoded bytes are a copy of the message", () => {
    const message = Buffer.from(hex("01000000 07"));
    const bytes = decode("ay", message);
    message.fill(0);
    expect(bytes).toEqual(new Uint8Array([7]));
  });
});

test.each<readonly [string, readonly unknown[], readonly unknown[]]>([
  ["y", [0, 255], [-1, 256, 0.5, "1", 1n, Number.NaN]],
  ["n", [-32768, 32767], [-32769, 32768]],
  ["q", [0, 65535], [-1, 65536]],
  ["i", [-2147483648, 2147483647], [-2147483649, 2147483648]],
  ["u", [0, 4294967295], [-1, 4294967296]],
  ["x", [-(2n ** 63n), 2n ** 63n - 1n], [-(2n ** 63n) - 1n, 2n ** 63n, 1]],
  ["t", [0n, 2n ** 64n - 1n], [-1n, 2n ** 64n, 1]],
  ["b", [true, false], [0, 1, "true"]],
  ["d", [0.5, Number.NaN, Number.POSITIVE_INFINITY], ["1", 1n]],
  ["h", [], [-1, 0.5, "1"]],
])("values of type %s: %o are valid, %o are not", (type, valid, invalid) => {
  for (const value of valid) expect(decode(type, encodeBytes(type, value))).toEqual(value);
  for (const value of invalid) expect(() => encode(type, value)).toThrow(/^expected an? /);
});

test("a codec is compiled once for a signature and a shape", () => {
  const shape: Shape = { kind: "struct", fields: { a: { type: "y" } } };
  expect(codecOf("aas")).toBe(codecOf("aas"));
  expect(codecOf("(y)", shape)).toBe(codecOf("(y)", shape));
  expect(codecOf("(y)", { ...shape })).not.toBe(codecOf("(y)", shape));
  expect(codecOf("(y)")).not.toBe(codecOf("(y)", shape));
});

describe("invalid values are rejected with their location", () => {
  const INVALID: readonly (readonly [string, unknown, string])[] = [
    ["y", 256, "expected an integer from 0 to 255, got 256"],
    ["y", -1, "expected an integer from 0 to 255, got -1"],
    ["i", 1.5, "expected an integer from -2147483648 to 2147483647, got 1.5"],
    ["u", "1", 'expected an integer from 0 to 4294967295, got "1"'],
    ["x", 1, "expected a bigint from -9223372036854775808 to 9223372036854775807, got 1"],
    ["x", 2n ** 63n, "got 9223372036854775808n"],
    ["t", -1n, "expected a bigint from 0 to 18446744073709551615, got -1n"],
    ["b", 1, "expected a boolean, got 1"],
    ["d", "1", "expected a number"],
    ["s", null, "expected a string, got null"],
    ["s", "a\0b", "must not contain NUL"],
    ["s", `${"x".repeat(100)}\ud800`, "lone surrogate"],
    ["o", "/a/", 'expected an object path, got "/a/"'],
    ["g", "a", 'expected a signature, got "a"'],
    ["g", "y".repeat(256), "expected a signature, got a string of 256 characters"],
    ["h", 0, "file descriptors cannot pass"],
    ["v", 1, "expected a Variant, got 1"],
    ["v", new Variant("ii" as string, 1), 'expected a Variant of one complete type, got signature "ii"'],
    ["v", new Variant("as" as string, ["a", 1]), ".value[1]: expected a string, got 1"],
    ["ay", [1], "expected a Uint8Array, got an array of 1"],
    ["as", "a", "expected an array"],
    ["a(su)", [["a", 1], ["b"]], "[1]: expected an array of 2 values, got an array of 1"],
    ["a(su)", [["a", -1]], "[0][1]: expected an integer"],
    ["a{sv}", new Set(), "expected a plain object, got an object of class Set"],
    ["a{ss}", new Map([[1, "x"]]), "[1]: expected a string, got 1"],
    ["a{sv}", [], "expected a plain object, got an array of 0"],
    ["a{sy}", { key: 256 }, '["key"]: expected an integer'],
    ["a{us}", {}, "expected a Map, got an object"],
    ["a{us}", new Map([["1", "x"]]), '["1"]: expected an integer'],
  ];
  test.each(INVALID)("%s %o", (type, value, message) => {
    expect(() => encode(type, value)).toThrow(InvalidValueError);
    expect(() => encode(type, value)).toThrow(message);
  });

  test("variants may be nested 64 deep, but not 65", () => {
    const nest = (depth: number): unknown => {
      const signature: string = depth === 1 ? "y" : "v";
      return depth === 0 ? 1 : new Variant(signature, nest(depth - 1));
    };
    expect(decode("v", hex(encode("v", nest(64))))).toEqual(nest(64));
    expect(() => encode("v", nest(65))).toThrow("nested at most 64 deep");
  });

  test("a declared member of recursive dictionaries may be nested 64 deep, but not deeper", () => {
    const shape: Shape = { kind: "dictionary", entries: { inner: { key: "I", type: "a{sv}", as: () => shape } } };
    const nest = (depth: number): object => (depth === 0 ? {} : { inner: nest(depth - 1) });
    // Each level is an array, a dict entry and a variant; the innermost is an array.
    expect(decode("a{sv}", encodeBytes("a{sv}", nest(21), shape), true, shape)).toEqual(nest(21));
    expect(() => encode("a{sv}", nest(22), shape)).toThrow("nested at most 64 deep");
  });

  test("an empty array at the greatest depth can be received, because it is not entered", () => {
    const variants = (depth: number): string => `${"017600".repeat(depth - 1)}02617300`;
    const nest = (depth: number): Variant => (depth === 1 ? new Variant("as", []) : new Variant("v", nest(depth - 1)));
    const padded = (depth: number): Uint8Array => {
      const start = hex(variants(depth));
      return Buffer.concat([start, Buffer.alloc(((4 - (start.length % 4)) % 4) + 4)]);
    };
    expect(decode("v", padded(64))).toEqual(nest(64));
    expect(() => decode("v", padded(65))).toThrow("nested more than 64 deep");
  });

  test("arrays may have 64 MiB, but not more", () => {
    expect(() => encode("ay", new Uint8Array(2 ** 26 + 1))).toThrow("an array has at most 67108864 bytes");
    expect(encodeBytes("ay", new Uint8Array(2 ** 26)).length).toBe(2 ** 26 + 4);
    expect(encodeBytes("aay", [new Uint8Array(2 ** 26 - 4)]).length).toBe(2 ** 26 + 4);
    const half = new Uint8Array(2 ** 25);
    expect(() => encode("aay", [half, half])).toThrow("an array has at most 67108864 bytes");
  });
});

test.each<readonly [string, Shape, string]>([
  ["(yy)", { kind: "struct", fields: { a: { type: "y" } } }, "the shape is for type (y), not (yy)"],
  ["as", { kind: "dictionary", entries: {} }, "the shape is for type a{sv}, not as"],
  ["as", { kind: "values", of: { kind: "struct", fields: {} } }, 'kind "values" is used where "items" is needed'],
])("a value of type %s cannot have the shape %j", (type, shape, message) => {
  expect(() => codecOf(type, shape)).toThrow(message);
});

test("a text that is longer than the requested length is skipped", () => {
  const reader = new Reader(hex("03000000 616263 00 03000000 646566 00 07"), true);
  expect([reader.stringUpTo(2), reader.stringUpTo(3), reader.u8()]).toEqual([undefined, "def", 7]);
});

test("an array of file descriptors is an array of their indices", () => {
  const reader = new Reader(hex("08000000 01000000 00000000"), true);
  reader.descriptors = new Descriptors([7, 8]);
  expect(codecOf("ah").decode(reader)).toEqual([8, 7]);
});

test.each([
  [null, "null"],
  [7, "7"],
  [undefined, "undefined"],
])("a struct with names cannot be encoded from %s", (value, text) => {
  const shape: Shape = { kind: "struct", fields: { a: { type: "y" } } };
  expect(() => encode("(y)", value, shape)).toThrow(InvalidValueError);
  expect(() => encode("(y)", value, shape)).toThrow(`expected an object, got ${text}`);
});

describe("any number of containers may follow each other", () => {
  const COUNT = 70;
  const fields: Shape = { kind: "struct", fields: { a: { type: "y" } } };
  const dictionary: Shape = { kind: "dictionary", entries: { a: { key: "A", type: "y" } } };
  const selected: Shape = {
    kind: "selected",
    key: "kind",
    entries: "details",
    cases: [{ value: "a", as: () => dictionary }],
  };
  const choice: Shape = {
    kind: "choice",
    key: "A",
    cases: [{ value: "a", as: () => ({ kind: "dictionary", entries: { a: { key: "A", type: "s" } } }) }],
  };
  const keyed = (value: unknown): object =>
    record(Object.fromEntries(Array.from({ length: COUNT }, (_, index) => [`k${index}`, value])));
  const listed = (value: unknown): readonly unknown[] => new Array(COUNT).fill(value);
  test.each<readonly [string, unknown, Shape | undefined]>([
    ["a(y)", listed([1]), undefined],
    ["a(y)", listed({ a: 1 }), { kind: "items", of: fields }],
    ["aas", listed(["a"]), undefined],
    ["aas", listed([]), undefined],
    ["aau", listed([1]), undefined],
    ["av", listed(new Variant("y", 1)), undefined],
    ["av", listed(new Variant("as", ["a"])), undefined],
    ["aa{sy}", listed(record({ a: 1 })), undefined],
    ["aa{yy}", listed(new Map([[1, 1]])), undefined],
    ["a{sy}", keyed(1), undefined],
    ["a{yy}", new Map(Array.from({ length: COUNT }, (_, index) => [index, 1])), undefined],
    ["aa{sv}", listed({ a: 1 }), { kind: "items", of: dictionary }],
    ["aa{sv}", listed({ a: "a" }), { kind: "items", of: choice }],
    ["a(sa{sv})", listed({ kind: "a", details: { a: 1 } }), { kind: "items", of: selected }],
    ["a{sv}", { extra: keyed(new Variant("y", 1)) }, dictionary],
    ["a{sv}", { a: "a", extra: keyed(new Variant("s", "b")) }, choice],
  ])("%s %# of a shape", (type, value, shape) => {
    const bytes = encodeBytes(type, value, shape);
    expect(decode(type, bytes, true, shape)).toEqual(value);
  });
});

describe("malformed bytes are rejected", () => {
  const MALFORMED: readonly (readonly [string, string, string])[] = [
    ["u", "010000", "past the end"],
    ["u", "0100000000", "after the last value"],
    ["b", "02000000", "neither 0 nor 1"],
    ["s", "01000000 61 61", "does not end with NUL"],
    ["s", "01000000 00 00", "contains NUL"],
    ["s", "01000000 ff 00", "not UTF-8"],
    ["s", "03000000 eda080 00", "not UTF-8"],
    ["s", "02000000 c080 00", "not UTF-8"],
    ["s", "ffffffff 61 00", "past the end"],
    ["o", "02000000 2f2f 00", "object path"],
    ["g", "01 61 00", "signature"],
    ["v", "00 00", "one complete type"],
    ["v", "02 7979 00 0101", "one complete type"],
    ["v", "01 71 00 01 0100", "padding is not zero"],
    ["(yu)", "01 000001 02000000", "padding is not zero"],
    ["an", "03000000 0100 0200", "differs from the length of its items"],
    ["au", "05000000 01000000 02000000", "differs from the length of its items"],
    ["au", "07000000 01000000 020000", "differs from the length of its items"],
    ["ay", "01000004 00", "at most"],
    ["ay", "05000000 00", "past the end"],
    ["at", "00000000 00000001", "padding is not zero"],
  ];
  test.each(MALFORMED)("%s %s", (type, bytes, message) => {
    expect(() => decode(type, hex(bytes))).toThrow(MalformedMessageError);
    expect(() => decode(type, hex(bytes))).toThrow(message);
  });
});

test("nothing is read past the end of a message, although other messages follow in its memory", () => {
  const memory = Buffer.of(1, 2, 3, 4, 0, 6, 7, 8);
  const reader = (): Reader => new Reader(memory.subarray(0, 4), true, 4);
  const past = "past the end";
  expect(() => reader().u8()).toThrow(past);
  expect(() => reader().u16()).toThrow(past);
  expect(() => reader().u64()).toThrow(past);
  expect(() => reader().bytes(1)).toThrow(past);
  expect(() => reader().signature()).toThrow(past);
  expect(reader().singleTypeCode()).toBeUndefined();
  expect([reader().isLongArrayNext, reader().isLongStringNext]).toEqual([false, false]);
});
