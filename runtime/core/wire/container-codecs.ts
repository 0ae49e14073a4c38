import type { Codec, Steps } from "./codec.ts";
import { addLocation, describeValue, InvalidValueError, ValueTooLargeError } from "./errors.ts";
import { addToOrder, keysInOrder, mayBeReordered, rememberKeyOrder } from "./key-order.ts";
import { MAX_ARRAY_LENGTH } from "./limits.ts";
import type { Reader } from "./reader.ts";
import { newRecord } from "./record.ts";
import type { Writer } from "./writer.ts";

/**
 * Codec of `ay`: a Uint8Array. Up to 32 KiB the decoded array is a copy that the receiver owns. A larger array is a
 * view of the message: it keeps the message and up to 1 MiB of neighboring messages in memory, and all listeners to a
 * signal share it.
 */
export const bytesCodec: Codec = {
  signature: "ay",
  alignment: 4,
  fixed: false,
  encode(writer, value) {
    if (!(value instanceof Uint8Array))
      throw new InvalidValueError(`expected a Uint8Array, got ${describeValue(value)}`);
    if (value.length > MAX_ARRAY_LENGTH) throw tooLong();
    writer.u32(value.length);
    writer.bytes(value);
  },
  decode(reader) {
    const end = reader.arrayEnd(1);
    return reader.bytes(end - reader.offset);
  },
};

/**
 * Returns the codec of a dictionary with string keys: a record without prototype. Any plain object or Map can be
 * encoded. A decoded record is encoded in the order in which it was received. For other objects, the order is that of
 * JavaScript, which enumerates numeric keys such as `10` first. Pass a Map to choose the order.
 */
export function recordCodec(key: Codec, value: Codec): Codec {
  const entry = entryCodec(key, value);
  return {
    signature: `a${entry.signature}`,
    alignment: 4,
    fixed: false,
    encode(writer, object) {
      const start = beginArray(writer, entry);
      if (object instanceof Map) {
        for (const [name, item] of object) encodeEntry(writer, key, value, name, item);
      } else {
        const record = asPlainObject(object);
        for (const name of keysInOrder(record)) encodeEntry(writer, key, value, name, record[name]);
      }
      endArray(writer, entry, start);
    },
    decode(reader) {
      const record = newRecord();
      let order: string[] | undefined;
      const end = enterArray(reader, entry);
      while (reader.offset < end) {
        beginEntry(reader);
        const name = reader.cachedString();
        if (order !== undefined || mayBeReordered(name)) order = addToOrder(order, record, name);
        record[name] = value.decode(reader);
        reader.leave();
      }
      leaveArray(reader, entry, end);
      if (order !== undefined && order.length > 1) rememberKeyOrder(record, order);
      return record;
    },
    decodeInSteps(reader) {
      if (!reader.isLongArrayNext) return undefined;
      return recordInSteps(reader, entry, key, value);
    },
  };
}

function* recordInSteps(reader: Reader, entry: Codec, key: Codec, value: Codec): Steps<Record<string, unknown>> {
  const record = newRecord();
  let order: string[] | undefined;
  yield* entriesInSteps(reader, entry, key, value, (name, item) => {
    const text = String(name);
    if (order !== undefined || mayBeReordered(text)) order = addToOrder(order, record, text);
    record[text] = item;
  });
  if (order !== undefined && order.length > 1) rememberKeyOrder(record, order);
  return record;
}

/** Returns the codec of a dictionary whose keys are not strings. The TypeScript value is a Map. */
export function mapCodec(key: Codec, value: Codec): Codec {
  const entry = entryCodec(key, value);
  return {
    signature: `a${entry.signature}`,
    alignment: 4,
    fixed: false,
    encode(writer, map) {
      if (!(map instanceof Map)) throw new InvalidValueError(`expected a Map, got ${describeValue(map)}`);
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
    decodeInSteps(reader) {
      if (!reader.isLongArrayNext) return undefined;
      return mapInSteps(reader, entry, key, value);
    },
  };
}

function* mapInSteps(reader: Reader, entry: Codec, key: Codec, value: Codec): Steps<Map<unknown, unknown>> {
  const map = new Map<unknown, unknown>();
  yield* entriesInSteps(reader, entry, key, value, (name, item) => map.set(name, item));
  return map;
}

/** Decodes the entries of a dictionary in steps, and passes them to `add`. */
function* entriesInSteps(
  reader: Reader,
  entry: Codec,
  key: Codec,
  value: Codec,
  add: (name: unknown, item: unknown) => void,
): Steps<void> {
  const end = enterArray(reader, entry);
  while (reader.offset < end) {
    beginEntry(reader);
    const name = key.decode(reader);
    const steps = value.decodeInSteps?.(reader);
    add(name, steps === undefined ? value.decode(reader) : yield* steps);
    reader.leave();
    if (reader.shouldPause()) yield;
  }
  leaveArray(reader, entry, end);
}

/** Returns the codec of a struct without field names. The TypeScript value is an array of its fields. */
export function tupleCodec(fields: readonly Codec[]): Codec {
  return {
    signature: `(${fields.map((field) => field.signature).join("")})`,
    alignment: 8,
    fixed: false,
    encode(writer, value) {
      if (!Array.isArray(value) || value.length !== fields.length) {
        throw new InvalidValueError(`expected an array of ${fields.length} values, got ${describeValue(value)}`);
      }
      writer.align(8);
      writer.enter();
      let index = 0;
      try {
        for (const field of fields) field.encode(writer, value[index++]);
      } catch (error) {
        throw addLocation(`[${index - 1}]`, error);
      }
      writer.leave();
    },
    decode(reader) {
      reader.align(8);
      reader.enter();
      const values: unknown[] = [];
      for (const field of fields) values.push(field.decode(reader));
      reader.leave();
      return reader.isLarge ? values.slice() : values;
    },
    ...(fields.some((field) => field.decodeInSteps !== undefined) && {
      decodeInSteps: (reader: Reader) => tupleInSteps(reader, fields),
    }),
  };
}

function* tupleInSteps(reader: Reader, fields: readonly Codec[]): Steps<unknown[]> {
  reader.align(8);
  reader.enter();
  const values: unknown[] = [];
  for (const field of fields) {
    const steps = field.decodeInSteps?.(reader);
    values.push(steps === undefined ? field.decode(reader) : yield* steps);
  }
  reader.leave();
  return values.slice();
}

/**
 * Begins to write an array: writes a placeholder for its length, and padding. Returns the offset of the length, for
 * `endArray`.
 */
export function beginArray(writer: Writer, element: Codec): number {
  writer.u32(0);
  const lengthAt = writer.offset - 4;
  writer.align(element.alignment);
  if (!element.fixed) writer.enter();
  return lengthAt;
}

/**
 * Ends writing an array: replaces the placeholder by the length of the array. Throws InvalidValueError if the array is
 * too long.
 */
export function endArray(writer: Writer, element: Codec, lengthAt: number): void {
  if (!element.fixed) writer.leave();
  const start = (lengthAt + 4 + element.alignment - 1) & -element.alignment;
  const length = writer.offset - start;
  if (length > MAX_ARRAY_LENGTH) throw tooLong();
  writer.patchU32(lengthAt, length);
}

/** Begins to read an array: reads its length and padding. Returns the offset of its end; 0 if it is empty. */
export function enterArray(reader: Reader, element: Codec): number {
  const end = reader.arrayEnd(element.alignment);
  if (reader.offset === end) return 0;
  if (!element.fixed) reader.enter();
  return end;
}

/**
 * Ends reading an array whose items were read.
 *
 * @param end - Result of `enterArray`.
 */
export function leaveArray(reader: Reader, element: Codec, end: number): void {
  if (end === 0) return;
  if (!element.fixed) reader.leave();
  reader.assertArrayEnd(end);
}

/** Writes one dict entry. */
export function encodeEntry(writer: Writer, key: Codec, value: Codec, name: unknown, item: unknown): void {
  writer.align(8);
  writer.enter();
  try {
    key.encode(writer, name);
    value.encode(writer, item);
  } catch (error) {
    throw addLocation(`[${describeValue(name)}]`, error);
  }
  writer.leave();
}

/** Begins to read a dict entry: moves to its key. The caller must call `leave` after reading the value. */
export function beginEntry(reader: Reader): void {
  reader.align(8);
  reader.enter();
}

/** Returns the value as a plain object. Throws InvalidValueError for arrays, Maps and class instances. */
export function asPlainObject(value: unknown): Record<string, unknown> {
  if (isPlainObject(value)) return value;
  throw new InvalidValueError(`expected a plain object, got ${describeValue(value)}`);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/**
 * Returns the signature and alignment of dict entries, for array codecs. The functions `encode` and `decode` of the
 * codec throw, because a dict entry outside an array is invalid.
 */
export function entryCodec(key: Codec, value: Codec): Codec {
  const reject = (): never => {
    throw new InvalidValueError("a dict entry is valid only in an array");
  };
  return {
    signature: `{${key.signature}${value.signature}}`,
    alignment: 8,
    fixed: false,
    encode: reject,
    decode: reject,
  };
}

function tooLong(): InvalidValueError {
  return new ValueTooLargeError(`an array has at most ${MAX_ARRAY_LENGTH} bytes`);
}
