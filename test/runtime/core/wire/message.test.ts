import { isDeepStrictEqual } from "node:util";
import { describe, expect, test } from "vitest";
import { MalformedMessageError } from "../../../../runtime/core/index.ts";
import { bodyCodec } from "../../../../runtime/core/wire/arguments-codec.ts";
import { Deframer } from "../../../../runtime/core/wire/deframer.ts";
import { Descriptors } from "../../../../runtime/core/wire/descriptors.ts";
import { MissingDescriptorError } from "../../../../runtime/core/wire/errors.ts";
import type { Header } from "../../../../runtime/core/wire/header.ts";
import {
  decodeAhead,
  decodeBody,
  decodeBodyInSteps,
  decodeMessage,
  encodeMessage,
  errorText,
  keepMessage,
  messageLength,
} from "../../../../runtime/core/wire/message.ts";
import { Writer } from "../../../../runtime/core/wire/writer.ts";
import { finish } from "./steps.ts";

const CALL: Header = { type: 1, flags: 0, serial: 1, path: "/", member: "M" };

function encoded(signature: string, values: readonly unknown[], header = CALL): Buffer {
  const writer = new Writer();
  encodeMessage(writer, header, bodyCodec(signature), values);
  return Buffer.from(writer.copyBytes());
}

/** Returns the bytes of a message, some of which are replaced. */
function changed(bytes: Buffer, ...changes: readonly (readonly [offset: number, byte: number])[]): Buffer {
  for (const [offset, byte] of changes) bytes[offset] = byte;
  return bytes;
}

describe("the length of a message follows from its first 16 bytes", () => {
  /** Returns the beginning of a message that states the lengths of its body and header fields. */
  const start = (body: number, fields: number): Buffer => {
    const bytes = Buffer.from("6c01000100000000010000000000000000", "hex").subarray(0, 16);
    bytes.writeUInt32LE(body, 4);
    bytes.writeUInt32LE(fields, 12);
    return bytes;
  };
  test.each([
    [0, 0, 16],
    [5, 0, 21],
    [0, 1, 24],
    [0, 8, 24],
    [3, 9, 35],
    [2 ** 27 - 16, 0, 2 ** 27],
    [2 ** 26 - 16, 2 ** 26, 2 ** 27],
  ])("a body of %i bytes and header fields of %i bytes: %i", (body, fields, length) => {
    expect(messageLength(start(body, fields))).toBe(length);
    const bytes = Buffer.concat([Buffer.of(1, 2, 3), start(body, fields), Buffer.of(4)]);
    expect(messageLength(bytes, 3)).toBe(length);
    expect(messageLength(bytes, 3, 18)).toBeUndefined();
    expect(messageLength(start(body, fields).subarray(0, 15))).toBeUndefined();
  });

  test.each([
    ["a message has at most", start(2 ** 27 - 15, 0)],
    ["an array has at most", start(0, 2 ** 26 + 1)],
    ["the protocol version is not 1", changed(start(0, 0), [3, 2])],
    ["the byte order is neither", changed(start(0, 0), [0, 0x61])],
  ])("%s", (problem, bytes) => {
    expect(() => messageLength(bytes)).toThrow(MalformedMessageError);
    expect(() => messageLength(bytes)).toThrow(problem);
  });
});

describe("a message is malformed if", () => {
  const replySerial = (): Buffer => encoded("", [], { type: 2, flags: 0, serial: 1, replySerial: 7 });
  test.each<readonly [string, () => Buffer]>([
    ["the message type is 0", () => changed(encoded("", []), [1, 0])],
    ["the serial is 0", () => changed(encoded("", []), [8, 0])],
    ["the reply serial is 0", () => changed(replySerial(), [20, 0])],
    ["the header field a member is missing", () => changed(encoded("", []), [1, 4])],
    ["the message does not have the length in its header", () => Buffer.concat([encoded("", []), Buffer.of(0)])],
    ["the message does not have the length in its header", () => encoded("y", [1]).subarray(0, -1)],
    ["there is a body without signature", () => changed(Buffer.concat([encoded("", []), Buffer.of(0)]), [4, 1])],
  ])("%s", (problem, bytes) => {
    expect(() => decodeMessage(bytes())).toThrow(MalformedMessageError);
    if (!problem.includes("field")) expect(() => decodeMessage(bytes())).toThrow(problem);
  });
});

describe("a kept message", () => {
  test.each([
    ["is the same if it is half of its memory", 2 ** 20, true],
    ["is a copy if it is a small part of its memory", 100, false],
    ["is a copy if it is a third of its memory", 25_000, false],
    ["is the same if it is more than half of its memory", 40_000, true],
  ])("%s", (_description, length, isSame) => {
    const [message] = new Deframer().split(encoded("ay", [new Uint8Array(length)]));
    if (message === undefined) return expect.fail("no message");
    const { length: received } = message;
    const { buffer } = message.bytes;
    keepMessage(message);
    expect(message.bytes.buffer === buffer).toBe(isSame);
    expect(message).toMatchObject({ member: "M", signature: "ay", length: received, serial: 1 });
    // The comparison of expect takes seconds for a million bytes.
    expect(isDeepStrictEqual(decodeBody(message, bodyCodec("ay")), [new Uint8Array(length)])).toBe(true);
  });

  test("is the same if it is not a received one", () => {
    const { type, flags, serial, path, member, signature, bytes, length, bodyOffset } = decodeMessage(
      encoded("y", [7]),
    );
    const plain = { type, flags, serial, path, member, signature, bytes, length, bodyOffset };
    keepMessage(plain);
    expect(plain.bytes).toBe(bytes);
    expect(decodeBody(plain, bodyCodec("y"))).toEqual([7]);
  });
});

describe("a value of type h", () => {
  const codec = bodyCodec("h");
  /** Returns a message whose body is the index of a descriptor. */
  const message = (index: number) => {
    const bytes = encoded("u", [index]);
    return decodeMessage(changed(bytes, [bytes.indexOf("\x01u\0"), 1], [bytes.indexOf("\x01u\0") + 1, 0x68]));
  };
  test.each([
    [1, [50, 60], 60],
    [0, [50, 60], 50],
    [2, [50, 60], undefined],
    [0, undefined, undefined],
  ])("with the index %i into %j is %s", (index, open, expected) => {
    const descriptors = () => open && new Descriptors(open);
    const read = () => decodeBody(message(index), codec, descriptors());
    const readInSteps = () => finish(decodeBodyInSteps(message(index), codec, { descriptors: descriptors() }));
    if (expected !== undefined) expect([read(), readInSteps()]).toEqual([[expected], [expected]]);
    else for (const failing of [read, readInSteps]) expect(failing).toThrow(MissingDescriptorError);
  });
});

describe("a body that is decoded ahead", () => {
  const codec = bodyCodec("as");
  test("is returned once, for its codec", () => {
    const message = decodeMessage(encoded("as", [["a"]]));
    finish(decodeAhead(message, codec, new Map()));
    const [other, first, second] = [bodyCodec("au"), codec, codec].map((used) => {
      try {
        return decodeBody(message, used);
      } catch (error) {
        return error;
      }
    });
    expect(other).toBeInstanceOf(MalformedMessageError);
    expect([first, second]).toEqual([[["a"]], [["a"]]]);
  });

  test("throws its error when it is decoded", () => {
    const bytes = encoded("as", [["a"]]);
    bytes[bytes.length - 1] = 1;
    const message = decodeMessage(bytes);
    finish(decodeAhead(message, codec, new Map()));
    expect(() => decodeBody(message, codec)).toThrow("does not end with NUL");
  });
});

test.each([
  ["s", ["broken"], "broken"],
  ["su", ["broken", 1], "broken"],
  ["u", [1], ""],
  ["us", [1, "broken"], ""],
  ["", [], ""],
  ["s", ["x".repeat(2 ** 20)], "x".repeat(2 ** 20)],
  ["s", ["x".repeat(2 ** 20 + 1)], ""],
])("the text of an error with the signature %j", (signature, values, text) => {
  const header: Header = { type: 3, flags: 0, serial: 1, replySerial: 1, errorName: "a.b" };
  expect(errorText(decodeMessage(encoded(signature, values, header))) === text).toBe(true);
});
