import fc from "fast-check";
import { expect, test } from "vitest";
import { type HeaderFields, MessageType } from "../../../../runtime/core/wire/header.ts";
import { decodeMessage, type Message } from "../../../../runtime/core/wire/message.ts";
import { Writer } from "../../../../runtime/core/wire/writer.ts";
import { runs } from "../../../setup/runs.ts";

/** A field: its code, type and value. */
type Field = readonly [code: number, type: "o" | "s" | "u" | "g", value: string | number];
const NAMES = [
  "",
  "path",
  "interface",
  "member",
  "errorName",
  "replySerial",
  "destination",
  "sender",
  "signature",
  "unixFds",
];

/** Few different values, so that successive headers often begin with the same bytes. */
const field: fc.Arbitrary<Field> = fc.constantFrom<Field>(
  [1, "o", "/a"],
  [1, "o", "/b"],
  [2, "s", "org.example.A"],
  [3, "s", "M"],
  [3, "s", "N"],
  [6, "s", ":1.1"],
  [7, "s", ":1.2"],
  [7, "s", ":1.3"],
  [9, "u", 0],
  [20, "s", "of a later version"],
);
const signal = fc
  .uniqueArray(field, { minLength: 2, maxLength: 7, selector: ([code]) => code })
  .map((fields): readonly Field[] => fields);

test("the fields of a header do not depend on the headers before it", () => {
  fc.assert(
    fc.property(fc.array(signal, { minLength: 1, maxLength: 20 }), (headers) => {
      for (const fields of headers) expect(outcomeOf(fields)).toEqual(expectedOutcome(fields));
    }),
    { numRuns: runs(300) },
  );
});

test.each<readonly [string, readonly Field[]]>([
  [
    "a repeated field",
    [
      [1, "o", "/x"],
      [3, "s", "M"],
      [2, "s", "a.b"],
      [1, "o", "/y"],
    ],
  ],
  [
    "a last field of another type",
    [
      [1, "o", "/x"],
      [3, "s", "M"],
      [2, "s", "a.b"],
      [7, "u", 1],
    ],
  ],
])("%s after known fields is refused", (_, fields) => {
  decode([...fields.slice(0, 3), [7, "s", ":1.9"]]);
  expect(() => decode(fields)).toThrow("the header field");
});

/** Returns the fields that a header must be decoded to; a text if it lacks a field that signals need. */
function expectedOutcome(fields: readonly Field[]): Partial<HeaderFields> | string {
  const codes = new Set(fields.map(([code]) => code));
  if (![1, 2, 3].every((code) => codes.has(code))) return "refused";
  return Object.fromEntries(
    fields.filter(([code]) => code < NAMES.length).map(([code, , value]) => [NAMES[code], value]),
  );
}

function outcomeOf(fields: readonly Field[]): Partial<HeaderFields> | string {
  try {
    const message = decode(fields);
    const values = NAMES.map((name) => [name, Reflect.get(message, name)] as const);
    return Object.fromEntries(values.filter(([name, value]) => value !== undefined && name !== "signature"));
  } catch {
    return "refused";
  }
}

/** Encodes a signal with the fields in this order, and decodes it. */
function decode(fields: readonly Field[]): Message {
  const writer = new Writer();
  for (const byte of ["l".charCodeAt(0), MessageType.Signal, 1, 1]) writer.u8(byte);
  for (const word of [0, 1, 0]) writer.u32(word);
  for (const [code, type, value] of fields) {
    writer.align(8);
    writer.u8(code);
    writer.signature(type);
    if (typeof value === "string") writer.string(value);
    else writer.u32(value);
  }
  writer.patchU32(12, writer.offset - 16);
  writer.align(8);
  return decodeMessage(writer.copyBytes());
}
