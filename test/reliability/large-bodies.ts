import { Variant } from "../../runtime/core/index.ts";
import { type ArgumentsCodec, bodyCodec } from "../../runtime/core/wire/arguments-codec.ts";
import { encodeMessage } from "../../runtime/core/wire/message.ts";
import { Writer } from "../../runtime/core/wire/writer.ts";

/** A kind of body that can have any length, as bytes, because building its values would take much memory. */
export interface LargeBody {
  readonly name: string;
  readonly signature: string;
  /** Returns the body, of about this length. */
  make(length: number): Uint8Array;
}

const KEY_LENGTH = 8;
const MAX_ARRAY_LENGTH = 2 ** 26;

/** Interface of the service that takes large bodies as arguments. */
export const LARGE_BODIES_INTERFACE = "org.example.LargeBodies1";

/** Bodies whose decoded values take much more memory or time than their bytes. */
export const LARGE_BODIES: readonly LargeBody[] = [
  arrayOf("empty byte arrays", "ay", new Uint8Array(0)),
  arrayOf("short byte arrays", "ay", Uint8Array.of(1, 2, 3, 4)),
  arrayOf("empty arrays of strings", "as", []),
  arrayOf("arrays of one string", "as", [""]),
  arrayOf("empty dictionaries", "a{sv}", {}),
  arrayOf("dictionaries of a numbered key", "(a{sy})", [{ 7: 7 }]),
  arrayOf("variants of bytes", "v", new Variant("y", 7)),
  arrayOf("nested variants", "v", nested(60)),
  arrayOf("structs of a byte", "(y)", [7]),
  arrayOf("empty strings", "s", ""),
  arrayOf("short strings", "s", "differs"),
  arrayOf("64-bit numbers", "t", 2n ** 63n),
  arrayOf("32-bit numbers", "u", 2 ** 32 - 1),
  dictionaryOf("dictionary of strings", "v", new Variant("s", "a value of text")),
  dictionaryOf("dictionary of dictionaries", "a{sv}", { Name: new Variant("s", "a value of text") }),
  {
    name: "one string",
    signature: "s",
    make: (length) => Buffer.concat([lengthField(length - 5), Buffer.alloc(length - 5, "a"), Buffer.of(0)]),
  },
  { name: "one byte array", signature: "ay", make: (length) => encode("ay", new Uint8Array(arrayLength(length))) },
];

/** A valid path that is longer than any that is accepted. */
export const LONG_PATH: LargeBody = {
  name: "one path",
  signature: "o",
  make: (length) =>
    Buffer.concat([lengthField(evenLength(length)), Buffer.alloc(evenLength(length), "/a"), Buffer.alloc(1)]),
};

/** Returns a method call with a body of bytes. */
export function callWithBody(serial: number, destination: string, body: LargeBody, bytes: Uint8Array): Uint8Array {
  const codec: ArgumentsCodec = { ...bodyCodec(body.signature), encode: (writer) => writer.bytes(bytes) };
  const member = memberOf(body);
  const header = { type: 1, flags: 0, serial, destination, path: "/a", interface: LARGE_BODIES_INTERFACE, member };
  const writer = new Writer();
  encodeMessage(writer, header, codec, [undefined]);
  return writer.takeBytes();
}

/** Returns the name of the method that takes a body. */
export function memberOf({ name }: LargeBody): string {
  return `Take_${name.replaceAll(/[^a-z0-9]/g, "_")}`;
}

function nested(depth: number): Variant {
  return depth === 0 ? new Variant("y", 7) : new Variant("v", nested(depth - 1));
}

/** Returns bodies that are one array of equal items. */
export function arrayOf(name: string, type: string, value: unknown): LargeBody {
  const items = (count: number): Buffer => encode(`a${type}`, new Array(count).fill(value));
  return { name, signature: `a${type}`, make: (length) => repeat(items, length) };
}

/** Returns bodies that are one dictionary of equal values with different keys. */
function dictionaryOf(name: string, type: string, value: unknown): LargeBody {
  const items = (count: number): Buffer =>
    encode(`a{s${type}}`, Object.fromEntries(Array.from({ length: count }, (_, index) => [`kkkkkkk${index}`, value])));
  const make = (length: number): Buffer => {
    const body = repeat(items, length);
    const stride = items(2).length - items(1).length;
    for (let at = 12, index = 0; at < body.length; at += stride)
      body.write((index++).toString(16).padStart(KEY_LENGTH, "k"), at);
    return body;
  };
  return { name, signature: `a{s${type}}`, make };
}

/** Returns an array with as many items as fit. `make` encodes an array with a number of items. */
function repeat(make: (count: number) => Buffer, length: number): Buffer {
  const [one, two] = [make(1), make(2)];
  const itemLength = one.readUInt32LE();
  const start = one.length - itemLength;
  // Padding follows every item but the last.
  const stride = two.length - one.length;
  const count = Math.max(1, Math.floor((arrayLength(length) - itemLength) / stride) + 1);
  const items = Buffer.alloc((count - 1) * stride + itemLength, two.subarray(start, start + stride));
  return Buffer.concat([lengthField(items.length), Buffer.alloc(start - 4), items]);
}

function arrayLength(length: number): number {
  return Math.min(length, MAX_ARRAY_LENGTH) - 8;
}

/** Returns the length of a path of two-character elements in a body. */
function evenLength(length: number): number {
  return (length - 6) & -2;
}

function lengthField(length: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(length);
  return bytes;
}

function encode(type: string, value: unknown): Buffer {
  const writer = new Writer();
  bodyCodec(type).encode(writer, [value]);
  return Buffer.from(writer.copyBytes());
}
