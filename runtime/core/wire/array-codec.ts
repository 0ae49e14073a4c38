import type { Codec, Steps } from "./codec.ts";
import { beginArray, endArray, enterArray, leaveArray } from "./container-codecs.ts";
import { addLocation, describeValue, InvalidValueError } from "./errors.ts";
import type { Reader } from "./reader.ts";

/** Number of items for which V8 reserves memory when the first item is added to an array. */
const PREALLOCATED_ITEMS = 17;

/**
 * Returns the codec of an array whose elements are neither bytes nor dict entries. The TypeScript value is an array.
 */
export function arrayCodec(element: Codec): Codec {
  return {
    signature: `a${element.signature}`,
    alignment: 4,
    fixed: false,
    encode(writer, value) {
      if (!Array.isArray(value)) throw new InvalidValueError(`expected an array, got ${describeValue(value)}`);
      const start = beginArray(writer, element);
      let index = 0;
      try {
        for (; index < value.length; index++) element.encode(writer, value[index]);
      } catch (error) {
        throw addLocation(`[${index}]`, error);
      }
      endArray(writer, element, start);
    },
    decode(reader) {
      const end = enterArray(reader, element);
      const isExact = reader.isLarge && element.fixed;
      const items = isExact ? decodeFixed(reader, element, end) : decodeItems(reader, element, end);
      leaveArray(reader, element, end);
      return items;
    },
    decodeInSteps(reader) {
      if (!reader.isLongArrayNext) return undefined;
      return element.fixed ? fixedInSteps(reader, element) : itemsInSteps(reader, element);
    },
  };
}

function decodeItems(reader: Reader, element: Codec, end: number): unknown[] {
  if (element.signature === "u" && end > 0) return reader.u32s(end);
  const items: unknown[] = [];
  while (reader.offset < end) items.push(element.decode(reader));
  return reader.isLarge && items.length < PREALLOCATED_ITEMS ? items.slice() : items;
}

function decodeFixed(reader: Reader, element: Codec, end: number): unknown[] {
  if (mayBeDouble(element)) return decodeDoubles(reader, element, end);
  const items = new Array<unknown>(countOf(reader, element, end));
  for (let index = 0; index < items.length; index++) items[index] = element.decode(reader);
  return items;
}

function* itemsInSteps(reader: Reader, element: Codec): Steps<unknown[]> {
  const end = enterArray(reader, element);
  const count = reader.itemCounts?.get(reader.offset);
  const items: unknown[] = count === undefined ? [] : new Array(count);
  for (let index = 0; reader.offset < end; index++) {
    const steps = element.decodeInSteps?.(reader);
    items[index] = steps === undefined ? element.decode(reader) : yield* steps;
    if (reader.shouldPause()) yield;
  }
  leaveArray(reader, element, end);
  return items;
}

function* fixedInSteps(reader: Reader, element: Codec): Steps<unknown[]> {
  const end = enterArray(reader, element);
  let items: unknown[];
  if (mayBeDouble(element)) items = yield* doublesInSteps(reader, element, end);
  else {
    // The number of items is known, so that the array need not grow, which would take up to 2.5 times the memory.
    items = new Array(countOf(reader, element, end));
    for (let index = 0; index < items.length; index++) {
      items[index] = element.decode(reader);
      if (reader.shouldPause()) yield;
    }
  }
  leaveArray(reader, element, end);
  return items;
}

function decodeDoubles(reader: Reader, element: Codec, end: number): number[] {
  const items = newDoubles(countOf(reader, element, end));
  const isUint32 = element.signature === "u";
  for (let index = 0; index < items.length; index++) items[index] = isUint32 ? reader.u32() : reader.f64();
  return items.length < PREALLOCATED_ITEMS ? items.slice() : items;
}

function* doublesInSteps(reader: Reader, element: Codec, end: number): Steps<number[]> {
  const items = newDoubles(countOf(reader, element, end));
  const isUint32 = element.signature === "u";
  for (let index = 0; index < items.length; index++) {
    items[index] = isUint32 ? reader.u32() : reader.f64();
    if (reader.shouldPause()) yield;
  }
  return items;
}

/**
 * Returns an array of numbers in which each number takes 8 bytes, because the first item is a fraction when V8 chooses
 * the format of the array. Code that stores into such an array must not store into arrays of other formats. Otherwise
 * V8 converts the array, and each number takes 24 bytes.
 */
function newDoubles(length: number): number[] {
  const items = [0.5];
  items.length = length;
  return items;
}

/** Returns whether values of a type of fixed size may be numbers that are not small integers of V8. */
function mayBeDouble({ signature }: Codec): boolean {
  return signature === "d" || signature === "u";
}

/** Returns the number of items from the current offset to the end of an array. */
function countOf(reader: Reader, { alignment }: Codec, end: number): number {
  return end === 0 ? 0 : Math.floor((end - reader.offset) / alignment);
}
