import { expect, test } from "vitest";
import { bodyCodec } from "../../../../runtime/core/wire/arguments-codec.ts";
import { Deframer } from "../../../../runtime/core/wire/deframer.ts";
import { decodeBody, encodeMessage, type Message } from "../../../../runtime/core/wire/message.ts";
import { Writer } from "../../../../runtime/core/wire/writer.ts";

const MIB = 2 ** 20;
const CHUNK_LENGTH = 2 ** 16;

function call(body: Uint8Array): Uint8Array {
  const writer = new Writer();
  const header = { type: 1, flags: 0, serial: 1, path: "/", member: "M" };
  encodeMessage(writer, header, bodyCodec("ay"), [body]);
  return writer.copyBytes();
}

/** Passes bytes in chunks as a socket does, and returns the messages. */
function receive(deframer: Deframer, bytes: Uint8Array): Message[] {
  const messages: Message[] = [];
  for (let start = 0; start < bytes.length; start += CHUNK_LENGTH)
    messages.push(...deframer.split(bytes.subarray(start, start + CHUNK_LENGTH)));
  return messages;
}

test.each([0, 100, CHUNK_LENGTH, MIB, 8 * MIB])("memory of %i bytes is not kept for later messages", (length) => {
  const deframer = new Deframer();
  const [first] = receive(deframer, call(new Uint8Array(length).fill(7)));
  const [second] = receive(deframer, call(Uint8Array.of(1)));
  expect(first?.length).toBeGreaterThan(length);
  expect(second?.bytes.buffer.byteLength).toBeLessThanOrEqual(2 * MIB);
});

test("the beginning of a message that announces 128 MiB takes memory for one message", () => {
  const bytes = call(new Uint8Array(MIB));
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(4, 2 ** 27 - 2 ** 10, true);
  const deframer = new Deframer();
  const before = process.memoryUsage().arrayBuffers;
  expect(receive(deframer, bytes)).toEqual([]);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 27 + 4 * MIB);
});

test.each([
  ["a copy if it is a small part of a large message", 2 ** 15, 4 * MIB, false],
  ["a view of the message if it is the larger part", 4 * MIB, 100, true],
  ["a copy if it is short", 100, 100, false],
])("a byte array is %s", (_, length, rest, isView) => {
  const writer = new Writer();
  const header = { type: 1, flags: 0, serial: 1, path: "/", member: "M" };
  encodeMessage(writer, header, bodyCodec("ayay"), [new Uint8Array(length), new Uint8Array(rest)]);
  const [message] = receive(new Deframer(), writer.copyBytes());
  if (message === undefined) throw new Error("there is no message");
  const [array] = decodeBody(message, bodyCodec("ayay"));
  expect(Object(array).length).toBe(length);
  expect(Object(array).buffer === message.bytes.buffer).toBe(isView);
});
