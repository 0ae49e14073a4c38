import { describe, expect, test } from "vitest";
import { InvalidValueError, MalformedMessageError, Variant } from "../../../../runtime/core/index.ts";
import { type ArgumentsCodec, bodyCodec, compileArguments } from "../../../../runtime/core/wire/arguments-codec.ts";
import { codecOf } from "../../../../runtime/core/wire/compile-codec.ts";
import { Descriptors } from "../../../../runtime/core/wire/descriptors.ts";
import {
  decodeAhead,
  decodeBody,
  decodeBodyInSteps,
  decodeMessage,
  encodeMessage,
} from "../../../../runtime/core/wire/message.ts";
import { Reader } from "../../../../runtime/core/wire/reader.ts";
import { Writer } from "../../../../runtime/core/wire/writer.ts";

const HEADER = { type: 1, flags: 0, serial: 7, path: "/", member: "M" };

function encoded(signature: string, values: readonly unknown[]): Uint8Array {
  const writer = new Writer();
  encodeMessage(writer, HEADER, bodyCodec(signature), values);
  return Uint8Array.from(writer.copyBytes());
}

test("the serial of a message is not 0", () => {
  const bytes = encoded("", []);
  expect(decodeMessage(bytes).serial).toBe(7);
  bytes[8] = 0;
  expect(() => decodeMessage(bytes)).toThrow(new MalformedMessageError("the serial is 0"));
});

test.each([
  ["s", ["text"]],
  ["as", [["text", "more"]]],
])(
  "a body that is longer than its values of type %s is malformed, decoded at once and in steps",
  (signature, values) => {
    const bytes = Buffer.concat([encoded(signature, values), Buffer.alloc(4)]);
    bytes.writeUInt32LE(bytes.readUInt32LE(4) + 4, 4);
    const message = decodeMessage(bytes);
    expect(() => decodeBody(message, bodyCodec(signature))).toThrow("after the last value");
    const steps = (): unknown => {
      const decoding = decodeBodyInSteps(message, bodyCodec(signature));
      for (;;) if (decoding.next().done) return;
    };
    expect(steps).toThrow("after the last value");
  },
);

describe("values nest at most 64 deep, in the sum of all containers", () => {
  // The innermost value is a byte in a container of the kind; each level adds a variant and that container.
  test.each<readonly [kind: string, signature: string, wrap: (inner: unknown) => unknown]>([
    ["structs", "(v)", (inner) => [inner]],
    ["arrays", "av", (inner) => [inner]],
    ["dictionaries", "a{sv}", (inner) => ({ key: inner })],
    ["maps", "a{yv}", (inner) => new Map([[1, inner]])],
  ])("variants in %s", (_, signature, wrap) => {
    const levels = signature.startsWith("a{") ? 3 : 2;
    const deepest = Math.floor(64 / levels);
    const nested = (depth: number): unknown => {
      let value: unknown = wrap(new Variant("y", 7));
      for (let level = 1; level < depth; level++) value = wrap(new Variant(signature, value));
      return value;
    };
    const codec = codecOf(signature);
    const accepted = new Writer();
    codec.encode(accepted, nested(deepest));
    expect(codec.decode(new Reader(accepted.copyBytes(), true))).toBeDefined();
    expect(() => codec.encode(new Writer(), nested(deepest + 1))).toThrow("nested at most 64 deep");
  });
});

test.each(["", "ss", "s(", "{sv}"])("%j is not one type, so it has no codec", (signature) => {
  expect(() => codecOf(signature)).toThrow(InvalidValueError);
});

test("the signature of the arguments has at most 255 characters", () => {
  const members = (count: number) => Array.from({ length: count }, () => ["argument", codecOf("y")] as const);
  expect(compileArguments(members(255)).signature).toHaveLength(255);
  expect(() => compileArguments(members(256))).toThrow("a signature of more than 255 characters");
});

test("variants in a received body nest at most 64 deep, whatever the depth", () => {
  const nested = (depth: number): Uint8Array =>
    Buffer.concat([...new Array<Uint8Array>(depth - 1).fill(Buffer.of(1, 0x76, 0)), Buffer.of(1, 0x79, 0, 7)]);
  const codec = codecOf("v");
  expect(codec.decode(new Reader(nested(64), true))).toBeInstanceOf(Variant);
  for (const depth of [65, 100_000])
    expect(() => codec.decode(new Reader(nested(depth), true))).toThrow("nested more than 64 deep");
});

test("bytes that are more or less than one message are malformed", () => {
  const bytes = encoded("s", ["text"]);
  for (const other of [bytes.subarray(0, -1), Buffer.concat([bytes, Buffer.alloc(1)])])
    expect(() => decodeMessage(other)).toThrow("the message does not have the length in its header");
});

test("a path of more than 64 KiB is malformed where it is decoded", () => {
  const message = decodeMessage(encoded("o", ["/a".repeat(2 ** 15 + 1)]));
  expect(() => decodeBody(message, bodyCodec("o"))).toThrow(new MalformedMessageError("an object path is not valid"));
  expect(decodeBody(decodeMessage(encoded("o", ["/a".repeat(2 ** 15)])), bodyCodec("o"))).toHaveLength(1);
});

test("descriptors in an array are read by their indexes", () => {
  const writer = new Writer();
  writer.maxDescriptors = 4;
  encodeMessage(writer, HEADER, bodyCodec("ahh"), [[0, 1, 2], 0]);
  const message = decodeMessage(writer.copyBytes());
  const values = decodeBody(message, bodyCodec("ahh"), new Descriptors([31, 41, 51, 61]));
  expect(values).toEqual([[31, 41, 51], 61]);
});

test("a body that was decoded ahead is returned once, and only for its codec", () => {
  const message = decodeMessage(encoded("s", ["text"]));
  const codec: ArgumentsCodec = {
    ...bodyCodec("s"),
    *decodeInSteps(reader) {
      reader.offset = message.length;
      yield;
      return ["ahead"];
    },
  };
  for (const step of decodeAhead(message, codec, new Map())) expect(step).toBeUndefined();
  expect(decodeBody(message, bodyCodec("s"))).toEqual(["text"]);
  expect(decodeBody(message, codec)).toEqual(["ahead"]);
  expect(decodeBody(message, codec)).toEqual(["text"]);
});

test("an unknown header field is validated", () => {
  const bytes = Buffer.from(encoded("", []));
  // Offset of the code and signature of the header field `member`.
  const at = bytes.indexOf(Buffer.of(3, 1, 0x73, 0));
  bytes[at] = 42;
  expect(() => decodeMessage(bytes)).toThrow("the header field member is missing");
  bytes[at + 8] = 0xff;
  expect(() => decodeMessage(bytes)).toThrow("a string is not UTF-8");
});

describe("an array of numbers adds no depth, as in libdbus", () => {
  const nest = (value: Variant): Variant =>
    Array.from({ length: 63 }).reduce<Variant>((inner) => new Variant("v", inner), value);

  test.each<readonly [code: string, value: unknown, accepted: boolean]>([
    ...[..."nqiudh"].map((code) => [code, 1, true] as const),
    ["x", 1n, true],
    ["t", 1n, true],
    ["b", true, true],
    ["s", "text", false],
    ["v", new Variant("y", 1), false],
  ])("a%s", (code, value, accepted) => {
    const writer = new Writer();
    writer.maxDescriptors = 1;
    const encode = (): void => codecOf("v").encode(writer, nest(new Variant(`a${code}`, [value])));
    if (!accepted) expect(encode).toThrow("64 deep");
    else {
      encode();
      expect(() => codecOf("v").decode(new Reader(writer.copyBytes(), true))).not.toThrow();
    }
  });
});
