import fc from "fast-check";
import { expect, test } from "vitest";
import { bodyCodec } from "../../../../runtime/core/wire/arguments-codec.ts";
import { type Header, MessageFlag, MessageType } from "../../../../runtime/core/wire/header.ts";
import { decodeMessage, encodeMessage } from "../../../../runtime/core/wire/message.ts";
import { Writer } from "../../../../runtime/core/wire/writer.ts";
import { runs } from "../../../setup/runs.ts";

const codec = bodyCodec("s");
/** Generator of headers with few different values, so that successive headers often differ in one field only. */
const calls: fc.Arbitrary<Header> = fc.record({
  type: fc.constant(1),
  flags: fc.integer({ min: 0, max: 7 }),
  serial: fc.integer({ min: 1, max: 0xffff_ffff }),
  path: fc.constantFrom("/", "/a", "/bb", "/abcdefg", "/abcdefgh", "/n/12345678901234567890"),
  interface: fc.constantFrom(undefined, "org.example.A", "org.example.Longer"),
  member: fc.constantFrom("M", "Member"),
  destination: fc.constantFrom(undefined, ":1.1", ":1.23"),
  // Without a bus, a program states its own name.
  sender: fc.constantFrom(undefined, ":1.5", ":1.67"),
});
const replies: fc.Arbitrary<Header> = fc.record({
  type: fc.constant(2),
  flags: fc.constant(1),
  serial: fc.integer({ min: 1, max: 100 }),
  replySerial: fc.integer({ min: 1, max: 100 }),
  destination: fc.constantFrom(":1.1", ":1.23"),
});

test("each of successive messages has its own header, whatever the headers before it", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(calls, replies), { maxLength: 30 }), (headers) => {
      for (const header of headers) expect(decodeMessage(encoded(header))).toMatchObject(header);
    }),
    { numRuns: runs(300) },
  );
});

test.for([
  ["no path", "no/slash"],
  ["an empty element", "/a//b"],
  ["the path that is reserved for the library", "/org/freedesktop/DBus/Local"],
])("refuses %s after a message with a valid path", ([, path]) => {
  const call = { type: 1, flags: 0, serial: 1, member: "M", destination: ":1.1" };
  encoded({ ...call, path: "/valid" });
  expect(() => encoded({ ...call, path: path ?? "" })).toThrow(/path/);
});

test.each([
  ["interface", "Longer.1"],
  ["member", "a.b"],
  ["error name", "NoDot"],
  ["destination", "-"],
] as const)("refuses a message whose %s is %s", (field, text) => {
  const header = { type: field === "error name" ? 3 : 1, flags: 0, serial: 1, replySerial: 1, path: "/", member: "M" };
  const key = field === "error name" ? "errorName" : field;
  expect(() => encoded({ ...header, [key]: text })).toThrow(field);
});

test("types and flags of messages have the numbers of the specification", () => {
  expect(MessageType).toEqual({ MethodCall: 1, MethodReturn: 2, Error: 3, Signal: 4 });
  expect(MessageFlag).toEqual({ NoReplyExpected: 1, NoAutoStart: 2, AllowInteractiveAuthorization: 4 });
});

test.each([
  [{ type: 1, member: "M" }, "path"],
  [{ type: 1, path: "/" }, "member"],
  [{ type: 2 }, "replySerial"],
  [{ type: 3, replySerial: 1 }, "errorName"],
  [{ type: 4, path: "/", member: "M" }, "interface"],
])("refuses the header %j, which has no %s", (header, missing) => {
  expect(() => encoded({ flags: 0, serial: 1, ...header })).toThrow(`the message needs ${missing}`);
});

function encoded(header: Header): Uint8Array {
  const writer = new Writer();
  encodeMessage(writer, header, codec, ["body"]);
  return writer.takeBytes();
}
