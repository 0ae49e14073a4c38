import fc from "fast-check";
import { expect, test } from "vitest";
import { Variant } from "../../../../runtime/core/index.ts";
import { bodyCodec } from "../../../../runtime/core/wire/arguments-codec.ts";
import { Deframer } from "../../../../runtime/core/wire/deframer.ts";
import { MalformedMessageError, MissingDescriptorError } from "../../../../runtime/core/wire/errors.ts";
import { decodeBody, decodeMessage, encodeMessage, type Message } from "../../../../runtime/core/wire/message.ts";
import { Writer } from "../../../../runtime/core/wire/writer.ts";
import { anyText } from "../../../setup/any-text.ts";
import { runs } from "../../../setup/runs.ts";

interface Typed {
  readonly type: string;
  readonly value: unknown;
}
type TypeArbitrary = fc.Arbitrary<{ readonly type: string; readonly values: fc.Arbitrary<unknown> }>;

const text = anyText().filter((value) => !value.includes("\0"));
const path = fc.array(fc.stringMatching(/^[A-Za-z0-9_]{1,5}$/), { maxLength: 4 }).map((parts) => `/${parts.join("/")}`);
const BASIC: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  y: fc.integer({ min: 0, max: 0xff }),
  b: fc.boolean(),
  n: fc.integer({ min: -0x8000, max: 0x7fff }),
  q: fc.integer({ min: 0, max: 0xffff }),
  i: fc.integer(),
  u: fc.integer({ min: 0, max: 0xffff_ffff }),
  x: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  t: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  d: fc.double(),
  s: text,
  o: path,
  g: fc.constantFrom("", "s", "a{sv}", "(ii)as", "aaay"),
};

const basic: TypeArbitrary = fc
  .constantFrom(...Object.keys(BASIC))
  .map((type) => ({ type, values: BASIC[type] ?? fc.constant(undefined) }));
const { any } = fc.letrec<{ any: { type: string; values: fc.Arbitrary<unknown> } }>((tie) => ({
  any: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    basic,
    tie("any").map(({ type, values }) => ({ type: `a${type}`, values: arrayOf(type, values) })),
    fc.array(tie("any"), { minLength: 1, maxLength: 4 }).map((fields) => ({
      type: `(${fields.map(({ type }) => type).join("")})`,
      values: fc.tuple(...fields.map(({ values }) => values)),
    })),
    tie("any").map(({ type, values }) => ({
      type: `a{s${type}}`,
      values: fc.dictionary(text, values, { noNullPrototype: false }).map(nullPrototype),
    })),
    fc
      .tuple(
        basic.filter(({ type }) => type !== "s"),
        tie("any"),
      )
      .map(([key, value]) => ({
        type: `a{${key.type}${value.type}}`,
        values: fc.array(fc.tuple(key.values, value.values), { maxLength: 4 }).map((entries) => new Map(entries)),
      })),
    tie("any").map(({ type, values }) => ({ type: "v", values: values.map((value) => new Variant(type, value)) })),
  ),
}));

const arrayOf = (type: string, values: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  type === "y" ? fc.uint8Array() : fc.array(values, { maxLength: 4 });
const nullPrototype = (value: object): object => Object.assign(Object.create(null), value);
const body: fc.Arbitrary<readonly Typed[]> = fc
  .array(
    any.chain(({ type, values }) => values.map((value) => ({ type, value }))),
    { maxLength: 4 },
  )
  .filter((args) => args.map(({ type }) => type).join("").length <= 255);

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
