import { describe, expect, test } from "vitest";
import { MalformedMessageError } from "../../../../runtime/core/index.ts";
import { codecOf } from "../../../../runtime/core/wire/compile-codec.ts";
import { Deframer } from "../../../../runtime/core/wire/deframer.ts";
import { decodeMessage, encodeMessage } from "../../../../runtime/core/wire/message.ts";
import { Reader } from "../../../../runtime/core/wire/reader.ts";
import { Writer } from "../../../../runtime/core/wire/writer.ts";

function encodedCall(): Uint8Array {
  const writer = new Writer();
  encodeMessage(writer, { type: 1, flags: 0, serial: 7, path: "/", member: "M" });
  return Uint8Array.from(writer.copyBytes());
}

/** Returns a message with an additional header field. */
function withField(code: number, type: string, value: Uint8Array): Uint8Array {
  const bytes = encodedCall();
  const field = Buffer.concat([Buffer.of(code, type.length), Buffer.from(type), Buffer.of(0), value]);
  const padding = Buffer.alloc((8 - (field.length % 8)) % 8);
  const message = Buffer.concat([bytes, field, padding]);
  message.writeUInt32LE(bytes.length - 16 + field.length, 12);
  return message;
}

const text = (value: string): Uint8Array =>
  Buffer.concat([Buffer.of(value.length, 0, 0, 0), Buffer.from(value), Buffer.of(0)]);

test.each([
  [2 ** 16, undefined],
  [2 ** 16 + 1, true],
])("a path of %i bytes is too long: %s", (length, isTooLong) => {
  const writer = new Writer();
  const path = `/${"a".repeat(length - 1)}`;
  encodeMessage(writer, { type: 1, flags: 0, serial: 7, path, member: "Member", destination: ":1.1" });
  const message = decodeMessage(writer.copyBytes());
  expect([message.isPathTooLong || undefined, message.path === path]).toEqual([isTooLong, !isTooLong]);
  expect([message.member, message.destination]).toEqual(["Member", ":1.1"]);
});

describe("the header field 10, the container instance,", () => {
  test("is an object path and is ignored", () => {
    expect(decodeMessage(withField(10, "o", text("/a")))).toMatchObject({ member: "M", path: "/" });
  });

  // libdbus rejects the same messages.
  test.each([
    ["of type s", "s", text("/a"), 'the header field containerInstance has type "s"'],
    ["of type as", "as", text("/a"), 'the header field containerInstance has type "as"'],
    ["of type u", "u", Uint8Array.of(1, 0, 0, 0), 'the header field containerInstance has type "u"'],
    ["that is no path", "o", text("a"), "path"],
  ])("%s is malformed", (_, type, value, problem) => {
    expect(() => decodeMessage(withField(10, type, value))).toThrow(MalformedMessageError);
    expect(() => decodeMessage(withField(10, type, value))).toThrow(problem);
  });

  test("whose type does not end with NUL is malformed", () => {
    const bytes = withField(10, "o", text("/a"));
    bytes[encodedCall().length + 3] = 1;
    expect(() => decodeMessage(bytes)).toThrow("does not end with NUL");
  });

  test("of a later protocol version is validated if it is short", () => {
    const invalid = (length: number): Uint8Array => {
      const bytes = Buffer.alloc(4 + length + 1, 0xff);
      bytes.writeUInt32LE(length);
      bytes[4 + length] = 0;
      return withField(11, "s", bytes);
    };
    expect(() => decodeMessage(invalid(4000))).toThrow("not UTF-8");
    expect(decodeMessage(invalid(5000))).toMatchObject({ member: "M" });
  });

  test("of a later protocol version is ignored", () => {
    expect(decodeMessage(withField(11, "u", Uint8Array.of(1, 0, 0, 0)))).toMatchObject({ member: "M" });
  });
});

describe("a message that states file descriptors, and none arrived,", () => {
  const bytes = (count: number): Uint8Array => withField(9, "u", Uint8Array.of(count, 0, 0, 0));

  test("is malformed, unless the connection may lose them", () => {
    expect(() => [...new Deframer().split(bytes(1))]).toThrow(MalformedMessageError);
    expect([...new Deframer({ mayLoseDescriptors: true }).split(bytes(1))]).toMatchObject([
      { unixFds: 1, descriptors: undefined },
    ]);
  });

  test("is valid if their number is 0", () => {
    expect([...new Deframer().split(bytes(0))]).toMatchObject([{ unixFds: 0 }]);
  });
});

describe("a repeated key of a dictionary has the place of the first one and the last value:", () => {
  test.each([
    [
      "an object",
      "a{sy}",
      "a(sy)",
      [
        ["a", 1],
        ["b", 2],
        ["a", 3],
      ],
      { a: 3, b: 2 },
    ],
    [
      "a Map",
      "a{yy}",
      "a(yy)",
      [
        [1, 1],
        [2, 2],
        [1, 3],
      ],
      new Map([
        [1, 3],
        [2, 2],
      ]),
    ],
    [
      "a Map with 0 and -0, which are equal, as keys",
      "a{dy}",
      "a(dy)",
      [
        [0, 1],
        [-0, 2],
      ],
      new Map([[0, 2]]),
    ],
    [
      "a Map with NaN as keys",
      "a{dy}",
      "a(dy)",
      [
        [Number.NaN, 1],
        [Number.NaN, 2],
      ],
      new Map([[Number.NaN, 2]]),
    ],
  ])("%s", (_, dictionary, list, entries, expected) => {
    const writer = new Writer();
    codecOf(list).encode(writer, entries);
    const decoded = codecOf(dictionary).decode(new Reader(writer.copyBytes(), true));
    expect(decoded).toEqual(expected instanceof Map ? expected : Object.assign(Object.create(null), expected));
    if (decoded instanceof Map) for (const key of decoded.keys()) expect(Object.is(key, -0)).toBe(false);
  });
});
