import { isDeepStrictEqual } from "node:util";
import { describe, expect, test } from "vitest";
import { MalformedMessageError, type Shape, Variant } from "../../../../runtime/core/index.ts";
import { codecOf } from "../../../../runtime/core/wire/compile-codec.ts";
import { keysInOrder } from "../../../../runtime/core/wire/key-order.ts";
import { Reader } from "../../../../runtime/core/wire/reader.ts";
import { Writer } from "../../../../runtime/core/wire/writer.ts";
import { bytesOf } from "./reference-encoder.ts";
import { finish, finishCounting } from "./steps.ts";

const OPTIONS: Shape = { kind: "dictionary", entries: { list: { key: "List", type: "as" } } };
const CHOICE: Shape = {
  kind: "choice",
  key: "Kind",
  cases: [
    {
      value: "list",
      as: () => ({
        kind: "dictionary",
        entries: { kind: { key: "Kind", type: "s" }, list: { key: "List", type: "as" } },
      }),
    },
  ],
};

const times = <T>(count: number, item: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => item(index));

/**
 * Each row: a type, a function that returns a value with a number of items, and a shape. Each item takes at least one
 * byte.
 */
const LONG: readonly (readonly [type: string, make: (count: number) => unknown, shape: Shape | undefined])[] = [
  ["an", (count) => times(2 * count, (index) => index), undefined],
  ["au", (count) => times(count, (index) => 2 ** 32 - 1 - index), undefined],
  ["ad", (count) => times(count, (index) => index / 7), undefined],
  ["ax", (count) => times(count, (index) => BigInt(index)), undefined],
  ["ab", (count) => times(count, (index) => index % 2 === 0), undefined],
  ["as", (count) => times(count, (index) => `${index}`), undefined],
  ["ao", (count) => times(count, (index) => `/${index}`), undefined],
  ["ag", (count) => times(count, () => "s"), undefined],
  ["av", (count) => times(count, (index) => new Variant("q", index)), undefined],
  ["a(ys)", (count) => times(count, (index) => [index % 256, "a"]), undefined],
  ["aay", (count) => times(count, (index) => Uint8Array.of(index % 256)), undefined],
  ["aas", (count) => [[], times(count, () => "a"), ["b"]], undefined],
  [
    "a{sy}",
    (count) => Object.assign(Object.create(null), Object.fromEntries(times(count, (index) => [`k${index}`, 1]))),
    undefined,
  ],
  ["a{us}", (count) => new Map(times(count, (index) => [index, "a"])), undefined],
  ["(yas)", (count) => [1, times(count, () => "a")], undefined],
  [
    "v",
    (count) =>
      new Variant(
        "as",
        times(count, () => "a"),
      ),
    undefined,
  ],
  ["a{sv}", (count) => ({ list: times(count, () => "a") }), OPTIONS],
  ["a{sv}", (count) => ({ kind: "list", list: times(count / 2, () => "a") }), CHOICE],
];

function encoded(type: string, value: unknown, shape: Shape | undefined): Uint8Array {
  const writer = new Writer();
  codecOf(type, shape).encode(writer, value);
  return writer.copyBytes();
}

describe.each(LONG.map(([type, make, shape]) => ({ type, make, shape })))("$type", ({ type, make, shape }) => {
  const codec = codecOf(type, shape);
  const long = make(6000);
  const bytes = encoded(type, long, shape);

  test("a long value is decoded in steps to the same value", () => {
    const reader = new Reader(bytes, true);
    const { value, pauses } = finishCounting(codec.decodeInSteps?.(reader) ?? expect.fail("no steps"));
    reader.assertEnd();
    expect(pauses).toBeGreaterThan(0);
    expect(isDeepStrictEqual(value, codec.decode(new Reader(bytes, true)))).toBe(true);
    expect(isDeepStrictEqual(value, long)).toBe(true);
  });

  test("a long value of a message with many values is decoded to the same value", () => {
    const reader = new Reader(bytes, true);
    reader.isLarge = true;
    expect(isDeepStrictEqual(codec.decode(reader), long)).toBe(true);
  });

  test("a short value is not decoded in steps", () => {
    const short = encoded(type, make(3), shape);
    // For a struct, `decodeInSteps` always returns steps, but decoding short fields does not pause.
    const steps = codec.decodeInSteps?.(new Reader(short, true));
    if (steps !== undefined) expect(type === "(yas)" ? finishCounting(steps).pauses : "steps").toBe(0);
  });

  test("a length that ends within the last item is malformed", () => {
    // Offset of the length: it comes first, except in a struct, where it is in the second field, and in a variant,
    // where it follows the signature.
    const lengthAt = type === "(yas)" || type === "v" ? 4 : 0;
    const changed = Buffer.from(bytes);
    changed.writeUInt32LE(changed.readUInt32LE(lengthAt) - 1, lengthAt);
    const stepwise = () => finish(codec.decodeInSteps?.(new Reader(changed, true)) ?? expect.fail("no steps"));
    expect(() => codec.decode(new Reader(changed, true))).toThrow(MalformedMessageError);
    expect(stepwise).toThrow(MalformedMessageError);
  });
});

test.each([
  ["as", 16384, false],
  ["as", 16385, true],
])("a value of type %s and %i bytes is decoded in steps: %s", (type, length, expected) => {
  const bytes = Buffer.alloc(length + 4);
  bytes.writeUInt32LE(length);
  expect(codecOf(type).decodeInSteps?.(new Reader(bytes, true)) !== undefined).toBe(expected);
});

test.each([[["10", "9"]], [["b", "1"]], [["a", "b"]], [["1"]]])(
  "a long dictionary keeps the order of the keys %j in steps",
  (keys) => {
    const codec = codecOf("a{sas}");
    const texts = times(4000, () => "a");
    const bytes = encoded("a{sas}", new Map(keys.map((key) => [key, texts])), undefined);
    const record = finish(codec.decodeInSteps?.(new Reader(bytes, true)) ?? expect.fail("no steps"));
    expect(keysInOrder(Object(record))).toEqual(keys);
  },
);

test("nested long values may follow each other without limit", () => {
  const codec = codecOf("aa{us}");
  const map = new Map(times(1500, (index) => [index, "a"]));
  const bytes = encoded(
    "aa{us}",
    times(70, () => map),
    undefined,
  );
  const steps = codec.decodeInSteps?.(new Reader(bytes, true)) ?? expect.fail("no steps");
  expect(finish(steps)).toHaveLength(70);
});

test.each([
  [62, true],
  [63, false],
])("a long array in a struct in %i variants is decoded, at once and in steps: %s", (depth, isValid) => {
  const texts = times(3000, () => "a");
  const nest = (levels: number): Variant =>
    levels === 1 ? new Variant("(as)", [texts]) : new Variant("v", nest(levels - 1));
  const bytes = bytesOf([{ type: "v", value: nest(depth) }], true);
  const atOnce = () => codecOf("v").decode(new Reader(bytes, true));
  const shape: Shape = { kind: "struct", fields: { texts: { type: "as" } } };
  const inSteps = [undefined, shape].map(
    (shapeOrNone) => () =>
      finish(codecOf("(as)", shapeOrNone).decodeInSteps?.(entered(bytes, depth)) ?? expect.fail("no steps")),
  );
  for (const decode of [atOnce, ...inSteps]) {
    if (isValid) expect(decode).not.toThrow();
    else expect(decode).toThrow("nested more than 64 deep");
  }
});

test.each<readonly [string, string, Shape | undefined]>([
  ["a struct", "(s)", undefined],
  ["a struct with names", "(s)", { kind: "struct", fields: { text: { type: "s" } } }],
  ["a struct with a selecting field", "(sa{sv})", { kind: "selected", key: "kind", entries: "details", cases: [] }],
])("%s is not decoded in 64 other containers, at once and in steps", (_, signature, shape) => {
  const codec = codecOf(signature, shape);
  const decode = (levels: number, inSteps: boolean) => {
    const reader = new Reader(new Uint8Array(16), true);
    for (let level = 0; level < levels; level++) reader.enter();
    return inSteps ? finish(codec.decodeInSteps?.(reader) ?? expect.fail("no steps")) : codec.decode(reader);
  };
  for (const inSteps of [false, true]) {
    expect(() => decode(63, inSteps)).not.toThrow();
    expect(() => decode(64, inSteps)).toThrow("nested more than 64 deep");
  }
});

/** Returns a reader that has entered a number of nested variants. */
function entered(bytes: Uint8Array, depth: number): Reader {
  const reader = new Reader(bytes, true);
  for (let level = 0; level < depth; level++) {
    reader.signature();
    reader.enter();
  }
  return reader;
}
