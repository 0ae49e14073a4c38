import { Variant } from "../../../runtime/core/index.ts";
import { bodyCodec } from "../../../runtime/core/wire/arguments-codec.ts";
import { MalformedMessageError, MissingDescriptorError } from "../../../runtime/core/wire/errors.ts";
import { keysInOrder } from "../../../runtime/core/wire/key-order.ts";
import { decodeBody, decodeMessage, type Message } from "../../../runtime/core/wire/message.ts";
import { readSignature, type Type } from "../../../runtime/core/wire/signature.ts";

/** A value as `demarshal.c` prints it. */
export type Canonical = string | null | readonly Canonical[] | { readonly [key: string]: Canonical };

/**
 * Result of our decoder: the value as `demarshal.c` prints it, or `null` if the message was rejected. A message whose
 * values cannot be compared has the reason, and the verdict that is expected of libdbus.
 */
export type OurResult =
  | { readonly canonical: Canonical }
  | { readonly exception: string; readonly isAcceptedByLibdbus: boolean };

/** Decodes a message with our decoder. */
export function ourResult(bytes: Uint8Array): OurResult {
  try {
    const message = decodeMessage(bytes);
    // libdbus waits for the descriptors. Here the message is valid, and only reading one fails.
    if ((message.unixFds ?? 0) > 0) {
      return { exception: "descriptors that did not arrive", isAcceptedByLibdbus: false };
    }
    const types = typesOf(message.signature);
    const values = valuesOf(message);
    if (values === undefined) {
      return { exception: "a value of type h without descriptor", isAcceptedByLibdbus: true };
    }
    return { canonical: [headerOf(message), types.map((type, index) => canonical(type, values[index]))] };
  } catch (error) {
    if (error instanceof MalformedMessageError) return { canonical: null };
    throw error;
  }
}

/** Bits of the doubles 0 and -0. */
const [ZERO, NEGATIVE_ZERO] = ["0".repeat(16), `8${"0".repeat(15)}`];

/**
 * Returns the output of libdbus in which a dictionary has only the last value of each repeated key. As in a Map, the
 * keys 0 and -0 are one key.
 */
export function withLastValues(value: Canonical): Canonical {
  if (value === null || typeof value === "string") return value;
  if (isList(value)) return value.map(withLastValues);
  const { dict } = value;
  if (dict === undefined || !isList(dict)) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withLastValues(item)]));
  }
  const entries = new Map<string, Canonical>();
  for (const entry of dict) {
    const [read = null, item = null] = isList(entry) ? entry : [];
    const key = read === NEGATIVE_ZERO ? ZERO : read;
    entries.set(JSON.stringify(key), [key, withLastValues(item)]);
  }
  return { dict: [...entries.values()] };
}

function isList(value: Canonical | undefined): value is readonly Canonical[] {
  return Array.isArray(value);
}

function valuesOf(message: Message): readonly unknown[] | undefined {
  try {
    return decodeBody(message, bodyCodec(message.signature));
  } catch (error) {
    if (error instanceof MissingDescriptorError) return undefined;
    throw error;
  }
}

function headerOf(message: Message): Canonical {
  const { type, serial, replySerial = 0, flags } = message;
  const { path, interface: interfaceName, member, errorName, destination, sender, signature } = message;
  const texts = [path, interfaceName, member, errorName, destination, sender, signature];
  const bits = [1, 2, 4].map((flag) => ((flags & flag) === 0 ? "0" : "1")).join("");
  return [
    `${type}`,
    `${serial}`,
    `${replySerial}`,
    bits,
    ...texts.map((text) => (text === undefined ? null : hex(text))),
  ];
}

function canonical(type: Type, value: unknown): Canonical {
  switch (type.kind) {
    case "basic":
      return basic(type.code, value);
    case "variant": {
      if (!(value instanceof Variant)) throw new Error("it is not a Variant");
      const [inner] = typesOf(value.signature);
      if (inner === undefined) throw new Error("a Variant has no type");
      return { variant: hex(value.signature), value: canonical(inner, value.value) };
    }
    case "struct":
      return type.fields.map((field, index) => canonical(field, Object(value)[index]));
    case "array":
      if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString("hex") };
      if (!Array.isArray(value)) throw new Error("it is not an array");
      return value.map((item) => canonical(type.element, item));
    case "dict":
      return { dict: entriesOf(value).map(([key, item]) => [basic(type.key.code, key), canonical(type.value, item)]) };
  }
}

/** Returns entries in the order of the wire. A key that is repeated keeps its first place. */
function entriesOf(value: unknown): readonly (readonly [key: unknown, value: unknown])[] {
  if (value instanceof Map) return [...value];
  const record: Readonly<Record<string, unknown>> = Object(value);
  return keysInOrder(record).map((key) => [key, record[key]]);
}

function basic(code: string, value: unknown): Canonical {
  if (typeof value === "string") return hex(value);
  if (typeof value === "boolean") return value ? "1" : "0";
  if (code !== "d") return `${value}`;
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(Number(value));
  return Number.isNaN(value) ? "nan" : bytes.toString("hex");
}

function typesOf(signature: string): readonly Type[] {
  const read = readSignature(signature);
  return read.ok ? read.types : [];
}

function hex(text: string): string {
  return Buffer.from(text).toString("hex");
}
