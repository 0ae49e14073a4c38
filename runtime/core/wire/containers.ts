import type { Codec } from "./codec.ts";
import { describe, InvalidValueError, within } from "./faults.ts";
import { MAX_ARRAY_LENGTH } from "./limits.ts";
import type { Reader } from "./reader.ts";
import type { Writer } from "./writer.ts";

/** Codec of `ay`: a Uint8Array. What is decoded is a copy that the receiver owns. */
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
      encodeArray(writer, element, () => {
        let index = 0;
        try {
          for (; index < value.length; index++) element.encode(writer, value[index]);
        } catch (error) {
          throw within(`[${index}]`, error);
        }
      });
    },
    decode(reader) {
      const items: unknown[] = [];
      decodeArray(reader, element, () => items.push(element.decode(reader)));
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
    encode(writer, record) {
      const entries = Object.entries(plainObject(record));
      encodeArray(writer, entry, () => {
        for (const [name, item] of entries) encodeEntry(writer, key, value, name, item);
      });
    },
    decode(reader) {
      const record: Record<string, unknown> = Object.create(null);
      decodeArray(reader, entry, () => {
        beginEntry(reader);
        const name = reader.string();
        record[name] = value.decode(reader);
        reader.leave();
      });
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
      encodeArray(writer, entry, () => {
        for (const [name, item] of map) encodeEntry(writer, key, value, name, item);
      });
    },
    decode(reader) {
      const map = new Map<unknown, unknown>();
      decodeArray(reader, entry, () => {
        beginEntry(reader);
        const name = key.decode(reader);
        map.set(name, value.decode(reader));
        reader.leave();
      });
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
      const values = fields.map((field) => field.decode(reader));
      reader.leave();
      return values;
    },
  };
}

/** Writes the length and padding of an array, then what `items` writes. */
export function encodeArray(writer: Writer, element: Codec, items: () => void): void {
  writer.u32(0);
  const lengthAt = writer.offset - 4;
  writer.align(element.alignment);
  const start = writer.offset;
  if (!element.fixed) writer.enter();
  items();
  if (!element.fixed) writer.leave();
  const length = writer.offset - start;
  if (length > MAX_ARRAY_LENGTH) throw tooLong();
  writer.patchU32(lengthAt, length);
}

/** Reads an array; `item` reads one item. */
export function decodeArray(reader: Reader, element: Codec, item: () => void): void {
  const end = reader.arrayEnd(element.alignment);
  if (reader.offset === end) return;
  if (!element.fixed) reader.enter();
  while (reader.offset < end) item();
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
export function plainObject(value: unknown): object {
  if (typeof value === "object" && value !== null) {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === null || Object.getPrototypeOf(prototype) === null) return value;
  }
  throw new InvalidValueError(`expected a plain object, got ${describe(value)}`);
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
  return new InvalidValueError(`an array has at most ${MAX_ARRAY_LENGTH} bytes`);
}
