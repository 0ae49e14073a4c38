import type { Codec } from "./codec.ts";
import { describe, InvalidValueError, ValueTooLargeError, within } from "./errors.ts";
import { MAX_ARRAY_LENGTH } from "./limits.ts";
import type { Reader } from "./reader.ts";
import type { Writer } from "./writer.ts";

/**
 * Codec of `ay`: a Uint8Array. What is decoded is a copy that the receiver owns; from 32 KiB on a view on the message,
 * which it keeps in memory, with up to 1 MiB of what came beside it, and which several listeners to a signal share.
 */
export const bytesCodec: Codec = {
  signature: "ay",
  alignment: 4,
  fixed: false,
  encode(writer, value) {
    if (!(value instanceof Uint8Array)) throw new InvalidValueError(`expected a Uint8Array, got ${describe(value)}`);
    if (value.length > MAX_ARRAY_LENGTH) throw tooLong();
    writer.u32(value.length);
    writer.bytes(value);
  },
  decode(reader) {
    const end = reader.arrayEnd(1);
    return reader.bytes(end - reader.offset);
  },
};

/** Codec of an array of anything but bytes and dict entries: an array. */
export function arrayCodec(element: Codec): Codec {
  return {
    signature: `a${element.signature}`,
    alignment: 4,
    fixed: false,
    encode(writer, value) {
      if (!Array.isArray(value)) throw new InvalidValueError(`expected an array, got ${describe(value)}`);
      const start = beginArray(writer, element);
      let index = 0;
      try {
        for (; index < value.length; index++) element.encode(writer, value[index]);
      } catch (error) {
        throw within(`[${index}]`, error);
      }
      endArray(writer, element, start);
    },
    decode(reader) {
      const items: unknown[] = [];
      const end = enterArray(reader, element);
      while (reader.offset < end) items.push(element.decode(reader));
      leaveArray(reader, element, end);
      return items;
    },
  };
}

/** Codec of a dictionary with string keys: a record without prototype. Encoding takes any plain object's own keys. */
export function recordCodec(key: Codec, value: Codec): Codec {
  const entry = entryCodec(key, value);
  return {
    signature: `a${entry.signature}`,
    alignment: 4,
    fixed: false,
    encode(writer, of) {
      const record = plainObject(of);
      const start = beginArray(writer, entry);
      for (const name of Object.keys(record)) encodeEntry(writer, key, value, name, record[name]);
      endArray(writer, entry, start);
    },
    decode(reader) {
      const record: Record<string, unknown> = Object.create(null);
      const end = enterArray(reader, entry);
      while (reader.offset < end) {
        beginEntry(reader);
        const name = reader.key();
        record[name] = value.decode(reader);
        reader.leave();
      }
      leaveArray(reader, entry, end);
      return record;
    },
  };
}

/** Codec of a dictionary with keys other than strings: a Map. */
export function mapCodec(key: Codec, value: Codec): Codec {
  const entry = entryCodec(key, value);
  return {
    signature: `a${entry.signature}`,
    alignment: 4,
    fixed: false,
    encode(writer, map) {
      if (!(map instanceof Map)) throw new InvalidValueError(`expected a Map, got ${describe(map)}`);
      const start = beginArray(writer, entry);
      for (const [name, item] of map) encodeEntry(writer, key, value, name, item);
      endArray(writer, entry, start);
    },
    decode(reader) {
      const map = new Map<unknown, unknown>();
      const end = enterArray(reader, entry);
      while (reader.offset < end) {
        beginEntry(reader);
        const name = key.decode(reader);
        map.set(name, value.decode(reader));
        reader.leave();
      }
      leaveArray(reader, entry, end);
      return map;
    },
  };
}

/** Codec of a struct: an array of its fields. */
export function tupleCodec(fields: readonly Codec[]): Codec {
  return {
    signature: `(${fields.map((field) => field.signature).join("")})`,
    alignment: 8,
    fixed: false,
    encode(writer, value) {
      if (!Array.isArray(value) || value.length !== fields.length) {
        throw new InvalidValueError(`expected an array of ${fields.length}, got ${describe(value)}`);
      }
      writer.align(8);
      writer.enter();
      let index = 0;
      try {
        for (const field of fields) field.encode(writer, value[index++]);
      } catch (error) {
        throw within(`[${index - 1}]`, error);
      }
      writer.leave();
    },
    decode(reader) {
      reader.align(8);
      reader.enter();
      const values: unknown[] = [];
      for (const field of fields) values.push(field.decode(reader));
      reader.leave();
      return values;
    },
  };
}

/** Writes the length and padding of an array; returns where its length stands, for `endArray`. */
export function beginArray(writer: Writer, element: Codec): number {
  writer.u32(0);
  const lengthAt = writer.offset - 4;
  writer.align(element.alignment);
  if (!element.fixed) writer.enter();
  return lengthAt;
}

/** Ends an array whose items were written. Throws InvalidValueError when it is too long. */
export function endArray(writer: Writer, element: Codec, lengthAt: number): void {
  if (!element.fixed) writer.leave();
  const start = (lengthAt + 4 + element.alignment - 1) & -element.alignment;
  const length = writer.offset - start;
  if (length > MAX_ARRAY_LENGTH) throw tooLong();
  writer.patchU32(lengthAt, length);
}

/** Writes the length and padding of an array, then what `items` writes. */
export function encodeArray(writer: Writer, element: Codec, items: () => void): void {
  const lengthAt = beginArray(writer, element);
  items();
  endArray(writer, element, lengthAt);
}

/** Reads the length and padding of an array that has items and goes in; 0 where it is empty, else where it ends. */
export function enterArray(reader: Reader, element: Codec): number {
  const end = reader.arrayEnd(element.alignment);
  if (reader.offset === end) return 0;
  if (!element.fixed) reader.enter();
  return end;
}

/** Leaves an array whose items were read, by what `enterArray` gave. */
export function leaveArray(reader: Reader, element: Codec, end: number): void {
  if (end === 0) return;
  if (!element.fixed) reader.leave();
  reader.finishArray(end);
}

/** Writes one dict entry. */
export function encodeEntry(writer: Writer, key: Codec, value: Codec, name: unknown, item: unknown): void {
  writer.align(8);
  writer.enter();
  try {
    key.encode(writer, name);
    value.encode(writer, item);
  } catch (error) {
    throw within(`[${describe(name)}]`, error);
  }
  writer.leave();
}

/** Goes to the key of a dict entry; the reader leaves after its value. */
export function beginEntry(reader: Reader): void {
  reader.align(8);
  reader.enter();
}

/** The value as an object whose own keys are its content. Throws InvalidValueError for arrays, Maps and class instances. */
export function plainObject(value: unknown): Record<string, unknown> {
  if (isPlainObject(value)) return value;
  throw new InvalidValueError(`expected a plain object, got ${describe(value)}`);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** What an array codec needs to know of dict entries; they are never encoded on their own. */
export function entryCodec(key: Codec, value: Codec): Codec {
  const alone = (): never => {
    throw new InvalidValueError("a dict entry stands only in an array");
  };
  return {
    signature: `{${key.signature}${value.signature}}`,
    alignment: 8,
    fixed: false,
    encode: alone,
    decode: alone,
  };
}

function tooLong(): InvalidValueError {
  return new ValueTooLargeError(`an array has at most ${MAX_ARRAY_LENGTH} bytes`);
}
