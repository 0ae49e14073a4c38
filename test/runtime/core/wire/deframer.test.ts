import fc from "fast-check";
import { expect, test } from "vitest";
import { bodyCodec } from "../../../../runtime/core/wire/arguments-codec.ts";
import { Deframer } from "../../../../runtime/core/wire/deframer.ts";
import {
  decodeAndRelease,
  decodeBody,
  encodeMessage,
  keepMessage,
  type Message,
  releaseMemory,
} from "../../../../runtime/core/wire/message.ts";
import { Writer } from "../../../../runtime/core/wire/writer.ts";

const MIB = 2 ** 20;
const CHUNK_LENGTH = 2 ** 16;

function call(body: Uint8Array, unixFds?: number): Uint8Array {
  const writer = new Writer();
  const header = { type: 1, flags: 0, serial: 1, path: "/", member: "M", unixFds };
  encodeMessage(writer, header, bodyCodec("ay"), [body]);
  return writer.copyBytes();
}

/** Passes bytes to a deframer in chunks of the size that a socket delivers. Returns the messages. */
function receive(deframer: Deframer, bytes: Uint8Array): Message[] {
  const messages: Message[] = [];
  for (let start = 0; start < bytes.length; start += CHUNK_LENGTH)
    messages.push(...deframer.split(bytes.subarray(start, start + CHUNK_LENGTH)));
  return messages;
}

test.each([0, 100, CHUNK_LENGTH, MIB, 4 * MIB, 8 * MIB])(
  "memory of %i bytes is not kept for later messages",
  (length) => {
    const deframer = new Deframer();
    const [first] = receive(deframer, call(new Uint8Array(length).fill(7)));
    const [second] = receive(deframer, call(Uint8Array.of(1)));
    expect(first?.length).toBeGreaterThan(length);
    expect(second?.bytes.buffer.byteLength).toBeLessThanOrEqual(2 * MIB);
  },
);

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
  ["a copy if it is a small part of a message of more than 2 MiB", 2 ** 15, 2.5 * MIB, false],
  ["a view of the message if it is the larger part", 4 * MIB, 100, true],
  ["a copy if it is more than a third, but less than half of a large message", 1.6 * MIB, 2.4 * MIB, false],
  ["a copy if it is short", 100, 100, false],
  ["a view if it has 32 KiB", 2 ** 15, 100, true],
  ["a copy if it has less", 2 ** 15 - 1, 100, false],
])("a byte array is %s", (_, length, rest, isView) => {
  const writer = new Writer();
  const header = { type: 1, flags: 0, serial: 1, path: "/", member: "M" };
  encodeMessage(writer, header, bodyCodec("ayay"), [
    new Uint8Array(Math.floor(length)),
    new Uint8Array(Math.floor(rest)),
  ]);
  const [message] = receive(new Deframer(), writer.copyBytes());
  if (message === undefined) throw new Error("there is no message");
  const [array] = decodeBody(message, bodyCodec("ayay"));
  expect(Object(array).length).toBe(Math.floor(length));
  expect(Object(array).buffer === message.bytes.buffer).toBe(isView);
});

test.each([
  ["released", releaseMemory, true],
  ["kept in other memory", keepMessage, true],
  ["in use", () => undefined, false],
])("the memory of messages that are %s is overwritten: %s", (_, use: (message: Message) => unknown, isReused) => {
  const deframer = new Deframer();
  const bytes = call(new Uint8Array(2000).fill(7));
  const memories = new Set<ArrayBufferLike>();
  const received: Message[] = [];
  for (let count = 0; count < 100; count++) {
    for (const message of deframer.split(bytes)) {
      memories.add(message.bytes.buffer);
      received.push(message);
      use(message);
    }
  }
  expect(received).toHaveLength(100);
  expect(memories.size === 1).toBe(isReused);
});

test.each([
  [4 * MIB, 1, 5 * MIB],
  [12 * MIB, 3, 2 * MIB],
])(
  "released messages of %i bytes take %i pieces of memory, and a connection then keeps little",
  (length, pieces, kept) => {
    const deframer = new Deframer();
    const bytes = call(new Uint8Array(length));
    const memories = new Set<ArrayBufferLike>();
    for (let count = 0; count < 3; count++) {
      for (let start = 0; start < bytes.length; start += CHUNK_LENGTH) {
        for (const message of deframer.split(bytes.subarray(start, start + CHUNK_LENGTH))) {
          memories.add(message.bytes.buffer);
          releaseMemory(message);
        }
      }
    }
    expect(memories.size).toBe(pieces);
    const [small] = receive(deframer, call(Uint8Array.of(1)));
    expect(small?.bytes.buffer.byteLength).toBeLessThan(kept);
  },
);

test("a large message can begin in the same bytes in which a released message ends", () => {
  const deframer = new Deframer();
  const large = new Uint8Array(5 * CHUNK_LENGTH).map((_, index) => index);
  const bytes = Buffer.concat([call(new Uint8Array(100)), call(large)]);
  const messages: Message[] = [];
  for (let start = 0; start < bytes.length; start += CHUNK_LENGTH) {
    for (const message of deframer.split(bytes.subarray(start, start + CHUNK_LENGTH))) {
      messages.push(message);
      if (messages.length === 1) releaseMemory(message);
    }
  }
  expect(messages).toHaveLength(2);
  const [, message] = messages;
  expect(message && decodeBody(message, bodyCodec("ay"))).toEqual([large]);
});

test("a message without its body keeps no memory of other messages", () => {
  const [message] = receive(new Deframer(), call(new Uint8Array(100)));
  if (message === undefined) throw new Error("there is no message");
  const { length } = message;
  releaseMemory(message);
  expect([message.length, message.member, message.bytes.buffer.byteLength]).toEqual([length, "M", 0]);
});

test.each([
  ["released", 2 ** 14, true],
  ["kept, because bytes are a view of it,", 2 ** 15, false],
])("the memory of a decoded message is %s with %i bytes", (_, length, isReleased) => {
  const [message] = receive(new Deframer(), call(new Uint8Array(length)));
  if (message === undefined) throw new Error("there is no message");
  expect(decodeAndRelease(message, bodyCodec("ay"))).toEqual([new Uint8Array(length)]);
  expect(message.bytes.buffer.byteLength === 0).toBe(isReleased);
});

test("messages in use are never overwritten, whatever is released between them and however the bytes arrive", () => {
  const sent = fc.record({
    length: fc.oneof(fc.nat(200), fc.nat(30_000)),
    use: fc.constantFrom("use", "release", "keep"),
    hasDescriptor: fc.boolean(),
  });
  const lengths = fc.array(fc.integer({ min: 500, max: CHUNK_LENGTH }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(fc.array(sent, { maxLength: 25 }), lengths, (messages, chunkLengths) => {
      const deframer = new Deframer();
      const inUse: { readonly message: Message; readonly index: number }[] = [];
      let next = 0;
      /** Checks the next message, and then releases or keeps it as `messages` states. */
      const receive = (message: Message): void => {
        const expected = messages[next];
        if (expected === undefined) throw new Error("there are more messages than were sent");
        const { length, use, hasDescriptor } = expected;
        expectBody(message, length, next);
        expect(message.descriptors?.read(0)).toBe(hasDescriptor ? FIRST_DESCRIPTOR + next : undefined);
        if (use === "release") releaseMemory(message);
        else inUse.push({ message, index: next });
        if (use === "keep") keepMessage(message);
        next++;
      };
      let chunk = 0;
      for (const [index, { length, hasDescriptor }] of messages.entries()) {
        const bytes = call(new Uint8Array(length).fill(index), hasDescriptor ? 1 : undefined);
        for (let start = 0; start < bytes.length; ) {
          const end = start + (chunkLengths[chunk++ % chunkLengths.length] ?? 1);
          const descriptors = hasDescriptor && start === 0 ? [FIRST_DESCRIPTOR + index] : undefined;
          for (const message of deframer.split(bytes.subarray(start, end), descriptors)) receive(message);
          start = end;
        }
      }
      expect(next).toBe(messages.length);
      for (const { message, index } of inUse) expectBody(message, messages[index]?.length ?? 0, index);
    }),
    { numRuns: 50 },
  );
});

/** Number of the first descriptor. No descriptor with such a number is open. */
const FIRST_DESCRIPTOR = 1_000_000;

/** Checks that the body of a message is an array of `length` equal bytes. */
function expectBody(message: Message, length: number, byte: number): void {
  const [bytes] = decodeBody(message, bodyCodec("ay"));
  if (!(bytes instanceof Uint8Array)) throw new Error("the body is not a byte array");
  expect([bytes.length, bytes.every((value) => value === byte)]).toEqual([length, true]);
}
