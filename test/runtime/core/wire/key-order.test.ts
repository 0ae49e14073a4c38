import { describe, expect, test } from "vitest";
import type { Shape } from "../../../../runtime/core/index.ts";
import { Variant } from "../../../../runtime/core/index.ts";
import { codecOf } from "../../../../runtime/core/wire/compile-codec.ts";
import { Reader } from "../../../../runtime/core/wire/reader.ts";
import { Writer } from "../../../../runtime/core/wire/writer.ts";

const DICTIONARY: Shape = {
  kind: "dictionary",
  entries: { state: { key: "State", type: "s" }, count: { key: "Count", type: "u" }, name: { key: "Name", type: "s" } },
};
const TYPED = codecOf("a{sv}", DICTIONARY);
const PLAIN = codecOf("a{sv}");
const PAIRS = codecOf("a(sv)");

function encode(codec: typeof PLAIN, value: unknown): Uint8Array {
  const writer = new Writer();
  codec.encode(writer, value);
  return writer.copyBytes();
}

const decode = (codec: typeof PLAIN, bytes: Uint8Array): unknown => codec.decode(new Reader(bytes, true));

/**
 * Returns keys and values in the order of the wire. Decodes the dictionary as an array of structs, which has the same
 * encoding.
 */
function onWire(bytes: Uint8Array): readonly string[] {
  const pairs = decode(PAIRS, bytes);
  if (!Array.isArray(pairs)) return [];
  return pairs.map(([key, { value }]: readonly [string, Variant]) => `${key}=${value}`);
}

function fromWire(codec: typeof PLAIN, ...entries: readonly string[]): unknown {
  const pairs = entries.map((entry) => {
    const [key = "", value = ""] = entry.split("=");
    return [key, key === "Count" && /^\d/.test(value) ? new Variant("u", Number(value)) : new Variant("s", value)];
  });
  return decode(codec, encode(PAIRS, pairs));
}

describe("a dictionary keeps the order of the wire when it is decoded and encoded", () => {
  test.each([
    [["b=1", "a=2"]],
    [["10=a", "9=b", "1=c"]],
    [["z=a", "10=b", "y=c", "9=d"]],
    [["b=1", "0=2", "a=3"]],
    [["Name=n", "State=s", "Count=1"]],
    [["Other=o", "State=s", "10=x", "Count=1", "9=y"]],
    [["Count=of another type", "State=s"]],
  ])("%j", (entries) => {
    for (const codec of [PLAIN, TYPED]) expect(onWire(encode(codec, fromWire(codec, ...entries)))).toEqual(entries);
  });

  test("with values that were changed, removed and added after decoding", () => {
    const decoded = Object(fromWire(PLAIN, "b=1", "10=2", "9=3"));
    decoded["9"] = new Variant("s", "changed");
    delete decoded["b"];
    decoded["a"] = new Variant("s", "added");
    expect(onWire(encode(PLAIN, decoded))).toEqual(["10=2", "9=changed", "a=added"]);
    const typed = Object(fromWire(TYPED, "Other=o", "Name=n", "10=x"));
    typed.state = "added";
    delete typed.name;
    typed.extra.later = new Variant("s", "added");
    expect(onWire(encode(TYPED, typed))).toEqual(["Other=o", "10=x", "State=added", "later=added"]);
  });
});

test("the last value of a repeated key is used, as its member or in extra", () => {
  expect(fromWire(TYPED, "Count=1", "Count=text")).toEqual({ extra: { Count: new Variant("s", "text") } });
  expect(fromWire(TYPED, "Count=text", "Count=1")).toEqual({ count: 1, extra: {} });
  expect(onWire(encode(TYPED, fromWire(TYPED, "Count=text", "Count=1", "Name=n")))).toEqual(["Count=1", "Name=n"]);
});

test("a Map with keys in any order is encoded in that order", () => {
  const map = new Map(["10", "9", "a"].map((key) => [key, new Variant("s", key)]));
  expect(onWire(encode(PLAIN, map))).toEqual(["10=10", "9=9", "a=a"]);
});

describe("a declared key in extra", () => {
  const state = new Variant("s", "in extra");
  test("is encoded once if its member has no value", () => {
    expect(onWire(encode(TYPED, { name: "n", extra: { State: state } }))).toEqual(["Name=n", "State=in extra"]);
    expect(onWire(encode(TYPED, { state: undefined, extra: { State: state } }))).toEqual(["State=in extra"]);
  });

  test("is refused together with its member, which would be sent twice", () => {
    const message = 'the key "State" is in extra although state has a value';
    expect(() => encode(TYPED, { state: "member", extra: { State: state } })).toThrow(message);
    const decoded = Object(fromWire(TYPED, "Other=o", "State=s"));
    decoded.extra.State = state;
    expect(() => encode(TYPED, decoded)).toThrow(message);
  });
});
