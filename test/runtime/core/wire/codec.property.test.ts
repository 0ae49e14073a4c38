import fc from "fast-check";
import { expect, test } from "vitest";
import { bodyCodec } from "../../../../runtime/core/wire/arguments-codec.ts";
import { Deframer } from "../../../../runtime/core/wire/deframer.ts";
import { MalformedMessageError, MissingDescriptorError } from "../../../../runtime/core/wire/errors.ts";
import { decodeBody, decodeMessage, encodeMessage, type Message } from "../../../../runtime/core/wire/message.ts";
import { Reader } from "../../../../runtime/core/wire/reader.ts";
import { Writer } from "../../../../runtime/core/wire/writer.ts";
import { runs } from "../../../setup/runs.ts";
import { typesOf } from "../fixtures/decoding-cost.ts";
import { body, type Typed } from "./any-body.ts";
import { bytesOf } from "./reference-encoder.ts";
import { finish } from "./steps.ts";

function message(args: readonly Typed[]): Uint8Array {
  const writer = new Writer();
  const codec = bodyCodec(args.map(({ type }) => type).join(""));
  const header = { type: 1, flags: 0, serial: 7, path: "/a", member: "M", destination: "a.b" };
  encodeMessage(
    writer,
    header,
    codec,
    args.map(({ value }) => value),
  );
  return writer.copyBytes();
}

test("encodes as the specification says, and decodes both byte orders, with little memory, and in steps", () => {
  fc.assert(
    fc.property(body, (args) => {
      const codec = bodyCodec(args.map(({ type }) => type).join(""));
      const values = args.map(({ value }) => value);
      const writer = new Writer();
      codec.encode(writer, values);
      expect(Buffer.from(writer.copyBytes())).toEqual(bytesOf(args, true));
      for (const littleEndian of [true, false]) {
        const reader = () => new Reader(bytesOf(args, littleEndian), littleEndian);
        const [simple, large, stepwise] = [reader(), reader(), reader()];
        large.isLarge = true;
        expect(codec.decode(simple)).toEqual(values);
        expect(codec.decode(large)).toEqual(values);
        expect(finish(codec.decodeInSteps(stepwise))).toEqual(values);
        const skipping = reader();
        skipping.skip(typesOf(codec.signature));
        for (const used of [simple, large, stepwise, skipping]) used.assertEnd();
      }
    }),
    { numRuns: runs(150) },
  );
});

test("decodes encoded values to the same values", () => {
  fc.assert(
    fc.property(body, (args) => {
      const decoded = decodeMessage(message(args));
      expect(decoded.signature).toBe(args.map(({ type }) => type).join(""));
      expect(decodeBody(decoded, bodyCodec(decoded.signature))).toEqual(args.map(({ value }) => value));
    }),
    { numRuns: runs(300) },
  );
});

test("splits a stream into the same messages for any chunks", () => {
  fc.assert(
    fc.property(
      fc.array(body, { minLength: 1, maxLength: 4 }),
      fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }),
      (bodies, cuts) => {
        const messages = bodies.map(message);
        const stream = Buffer.concat(messages);
        const deframer = new Deframer();
        const received: Message[] = [];
        for (let offset = 0, turn = 0; offset < stream.length; turn++) {
          const length = cuts[turn % cuts.length] ?? 1;
          received.push(...deframer.split(stream.subarray(offset, offset + length)));
          offset += length;
        }
        expect(received.map(({ bytes }) => Buffer.from(bytes))).toEqual(messages);
      },
    ),
    { numRuns: runs(50) },
  );
});

test("decodes a message with a changed byte, or throws MalformedMessageError", () => {
  fc.assert(
    fc.property(body, fc.nat(), fc.integer({ min: 0, max: 255 }), (args, at, byte) => {
      const bytes = Buffer.from(message(args));
      bytes[at % bytes.length] = byte;
      try {
        const decoded = decodeMessage(bytes);
        decodeBody(decoded, bodyCodec(decoded.signature));
      } catch (error) {
        if (!(error instanceof MalformedMessageError || error instanceof MissingDescriptorError)) throw error;
      }
    }),
    { numRuns: runs(700) },
  );
});
