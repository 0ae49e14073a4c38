import { expect, test } from "vitest";
import { keepEncoding, Variant } from "../../../../runtime/core/index.ts";
import { bodyCodec } from "../../../../runtime/core/wire/arguments-codec.ts";
import { decodeBody, decodeMessage, encodeMessage } from "../../../../runtime/core/wire/message.ts";
import { Writer } from "../../../../runtime/core/wire/writer.ts";

const KEPT = keepEncoding(["/a"]);

test("a kept value is encoded once, for headers of any length", () => {
  const value = countedReads();
  keepEncoding(value.settings);
  for (const path of ["/", "/a", "/a/longer/path"]) {
    expect(received(path, "a{sv}", [value.settings])).toEqual([{ State: new Variant("s", "online") }]);
  }
  expect(value.reads).toBe(1);
});

test("a value that is not kept is encoded for each message", () => {
  const value = countedReads();
  for (const path of ["/", "/a"]) received(path, "a{sv}", [value.settings]);
  expect(value.reads).toBe(2);
});

test.for([
  { type: "the same type", signature: "as", values: [KEPT], expected: [["/a"]] },
  { type: "another type", signature: "ao", values: [KEPT], expected: [["/a"]] },
  { type: "several arguments", signature: "asas", values: [KEPT, KEPT], expected: [["/a"], ["/a"]] },
  { type: "in a container", signature: "aas", values: [[KEPT]], expected: [[["/a"]]] },
])("a kept value can be sent as $type", ({ signature, values, expected }) => {
  received("/", "as", [KEPT]);
  expect(received("/", signature, values)).toEqual(expected);
});

/** Returns a dictionary that counts how often its value is read. */
function countedReads() {
  const value = { reads: 0, settings: {} as Record<string, Variant> };
  Object.defineProperty(value.settings, "State", {
    enumerable: true,
    get() {
      value.reads++;
      return new Variant("s", "online");
    },
  });
  return value;
}

function received(path: string, signature: string, values: readonly unknown[]): unknown[] {
  const writer = new Writer();
  const codec = bodyCodec(signature);
  encodeMessage(writer, { type: 1, flags: 0, serial: 1, path, member: "M" }, codec, values);
  return decodeBody(decodeMessage(writer.takeBytes()), codec);
}
