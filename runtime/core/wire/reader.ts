import { isUtf8 } from "node:buffer";
import { DecodingCost, type ItemCounts } from "./decoding-cost.ts";
import type { Descriptors } from "./descriptors.ts";
import { MalformedMessageError } from "./errors.ts";
import { MAX_ARRAY_LENGTH, MAX_VALUE_DEPTH } from "./limits.ts";
import { isSignature, type Type } from "./signature.ts";
import { TextCache } from "./text-cache.ts";

/** Maximum length of a text, in bytes, for which a loop is faster than a call of a function of the engine. */
const SHORT_TEXT_LENGTH = 96;
/** Maximum length of a text, in bytes, for which a cache lookup saves time, because short texts repeat more often. */
const CACHED_TEXT_LENGTH = 24;
/** Minimum length of a byte array, in bytes, that is decoded to a view of the message instead of a copy. */
export const LARGE_BYTES_LENGTH = 1 << 15;
/** Maximum size of a memory block, in bytes, that a view may keep in memory if the view takes less than half of it. */
const MAX_SHARED_MEMORY_LENGTH = 1 << 21;
/** The decoded value of every empty byte array. The array cannot be changed, so all messages can share it. */
const NO_BYTES = Object.freeze(new Uint8Array(0));
/** Maximum length of a text, in bytes, that is decoded without steps. */
const TEXT_STEP_LENGTH = 1 << 18;
/** Number of bytes that are decoded between two pauses. */
const STEP_LENGTH = 1 << 14;
/** Number of values that are skipped between two pauses. */
const VALUES_PER_STEP = 1 << 13;
const KEYS = new TextCache();
const TEXTS = new TextCache();
const TYPES = new TextCache();
const SIGNATURES = new TextCache();

/** Reads values one after another from bytes. Every method throws MalformedMessageError if the bytes are invalid. */
export class Reader {
  /** Offset of the next value from the start of the message. Alignment is relative to the start of the message. */
  offset = 0;
  /** Descriptors for values of type `h`; undefined if the message has none, or the caller must not get them. */
  descriptors: Descriptors | undefined;
  /**
   * Whether a value of type `h` was read whose file descriptor is missing. If so, the values that were read must not be
   * used.
   */
  isDescriptorMissing = false;
  littleEndian = true;
  /** Whether the message has many values, so that saving memory is more important than saving time. */
  isLarge = false;
  /**
   * Number of items of each array with very many items, by the offset of its first item; undefined if they were not
   * counted.
   */
  itemCounts: ItemCounts | undefined;
  /** Offset at which decoding in steps pauses the next time. */
  #pauseAt = 0;
  /** The memory block that contains the message. The message starts at `#start`. */
  #bytes: Buffer;
  #view: DataView;
  #start = 0;
  #length = 0;
  #depth = 0;

  /** @param offset - Offset of the first value. Alignment is relative to the start of `bytes`. */
  constructor(bytes: Uint8Array, littleEndian: boolean, offset = 0) {
    this.#bytes = Buffer.from(bytes.buffer);
    this.#view = new DataView(bytes.buffer);
    this.reset(bytes, 0, bytes.length, littleEndian, offset);
  }

  /**
   * Prepares the reader for another message, which starts at `start` of `bytes`. Reading continues at `offset` in the
   * message.
   */
  reset(bytes: Uint8Array, start: number, length: number, littleEndian: boolean, offset: number): this {
    const memory = bytes.buffer;
    if (memory !== this.#view.buffer) {
      this.#bytes = Buffer.from(memory);
      this.#view = new DataView(memory);
    }
    this.#start = bytes.byteOffset + start;
    this.#length = length;
    this.#depth = 0;
    this.littleEndian = littleEndian;
    this.descriptors = undefined;
    this.isDescriptorMissing = false;
    this.isLarge = false;
    this.itemCounts = undefined;
    this.#pauseAt = 0;
    this.offset = offset;
    return this;
  }

  /** Moves to the next multiple of an alignment. The skipped bytes must be zero. */
  align(alignment: number): void {
    const end = (this.offset + alignment - 1) & -alignment;
    if (end > this.#length) throw pastEnd();
    while (this.offset < end) {
      if (this.#bytes[this.#start + this.offset++] !== 0) throw new MalformedMessageError("padding is not zero");
    }
  }

  u8(): number {
    if (this.offset >= this.#length) throw pastEnd();
    return this.#view.getUint8(this.#start + this.offset++);
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), this.littleEndian);
  }

  i16(): number {
    return this.#view.getInt16(this.#take(2), this.littleEndian);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), this.littleEndian);
  }

  /** Reads 32-bit numbers up to an offset within the message. */
  u32s(end: number): number[] {
    const items = new Array<number>((end - this.offset) >> 2);
    const view = this.#view;
    let at = this.#start + this.offset;
    for (let index = 0; index < items.length; index++, at += 4) items[index] = view.getUint32(at, this.littleEndian);
    this.offset = at - this.#start;
    return items;
  }

  i32(): number {
    return this.#view.getInt32(this.#take(4), this.littleEndian);
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#take(8), this.littleEndian);
  }

  i64(): bigint {
    return this.#view.getBigInt64(this.#take(8), this.littleEndian);
  }

  f64(): number {
    return this.#view.getFloat64(this.#take(8), this.littleEndian);
  }

  string(): string {
    const length = this.u32();
    return length <= CACHED_TEXT_LENGTH ? this.#cached(length, TEXTS) : this.#text(length);
  }

  /** Reads a string of at most `maxLength` bytes. If the string is longer, skips it and returns undefined. */
  stringUpTo(maxLength: number): string | undefined {
    const length = this.u32();
    if (length <= maxLength) return this.#text(length);
    this.#assertAvailable(length + 1);
    this.offset += length + 1;
    return undefined;
  }

  /** Skips values without validating them, and without allocating memory for them. */
  skip(types: readonly Type[]): void {
    const steps = this.skipInSteps(types, Number.POSITIVE_INFINITY);
    while (!steps.next().done);
  }

  /** Skips values like `skip`, but pauses after every `valuesPerStep` values. */
  *skipInSteps(types: readonly Type[], valuesPerStep = VALUES_PER_STEP): Generator<undefined, void, undefined> {
    const bytes = this.#bytes.subarray(this.#start, this.#start + this.#length);
    const cost = new DecodingCost(bytes, this.littleEndian, this.offset, types);
    while (cost.run(valuesPerStep) === "unfinished") yield;
    if (cost.offset > this.#length) throw pastEnd();
    this.offset = cost.offset;
  }

  /** Reads a string that is likely to repeat, such as a dictionary key. */
  cachedString(): string {
    return this.#cached(this.u32(), KEYS);
  }

  /**
   * Reads a string that must be valid. Strings in the cache need no validation. Returns undefined if the string is
   * invalid, or longer than `maxLength` bytes.
   */
  validString(cache: TextCache, isValid: (text: string) => boolean, maxLength: number): string | undefined {
    const length = this.u32();
    return length > maxLength ? undefined : this.#validated(length, cache, isValid);
  }

  /** Returns whether the next string is so long that it must be decoded in steps. Does not move the reader. */
  get isLongStringNext(): boolean {
    const at = (this.offset + 3) & -4;
    return at + 4 <= this.#length && this.#view.getUint32(this.#start + at, this.littleEndian) > TEXT_STEP_LENGTH;
  }

  /** Returns whether the next array is so long that it must be decoded in steps. Does not move the reader. */
  get isLongArrayNext(): boolean {
    const at = (this.offset + 3) & -4;
    return at + 4 <= this.#length && this.#view.getUint32(this.#start + at, this.littleEndian) > STEP_LENGTH;
  }

  /** Returns whether decoding in steps should pause now. Returns true at most once per 16 KiB. */
  shouldPause(): boolean {
    if (this.offset < this.#pauseAt) return false;
    const isStart = this.#pauseAt === 0;
    this.#pauseAt = this.offset + STEP_LENGTH;
    return !isStart;
  }

  /** Reads a string like `string`, but pauses after each 256 KiB. */
  *stringInSteps(): Generator<undefined, string, undefined> {
    const length = this.u32();
    this.#assertAvailable(length + 1);
    const end = this.offset + length;
    if (this.#bytes[this.#start + end] !== 0) throw new MalformedMessageError("a string does not end with NUL");
    let text = "";
    while (this.offset < end) {
      const start = this.#start + this.offset;
      const stop = this.#characterEnd(start, Math.min(this.offset + TEXT_STEP_LENGTH, end) + this.#start);
      if (this.#bytes.subarray(start, stop).includes(0)) throw new MalformedMessageError("a string contains NUL");
      text += decodeUtf8(this.#bytes, start, stop);
      this.offset = stop - this.#start;
      yield;
    }
    this.offset = end + 1;
    return text;
  }

  /** Reads a signature of any number of complete types. Returns undefined if it is invalid. */
  validSignature(): string | undefined {
    return this.#validated(this.u8(), SIGNATURES, isSignature);
  }

  /** Reads the text of a signature without validating it. */
  signature(): string {
    return this.#cached(this.u8(), TYPES);
  }

  /**
   * Reads a signature that consists of one type code. If the signature is longer or empty, returns undefined and does
   * not move the reader.
   */
  singleTypeCode(): number | undefined {
    const at = this.#start + this.offset;
    if (this.offset + 3 > this.#length || this.#bytes[at] !== 1 || this.#bytes[at + 2] !== 0) return undefined;
    this.offset += 3;
    return this.#bytes[at + 1];
  }

  /** Reads a file descriptor. If it is missing, returns -1 and sets `isDescriptorMissing`. */
  descriptor(): number {
    // The index itself must not be returned: 0 is the descriptor of the standard input of this process.
    const index = this.u32();
    const descriptor = this.descriptors?.read(index);
    if (descriptor === undefined) this.isDescriptorMissing = true;
    return descriptor ?? -1;
  }

  /**
   * Reads bytes. Up to 32 KiB, the result is a copy, which does not keep the message in memory and is not shared.
   * Longer results are views of the message, unless they would keep much more memory than their length.
   */
  bytes(length: number): Uint8Array {
    this.#assertAvailable(length);
    const start = this.#start + this.offset;
    this.offset += length;
    if (length === 0) return NO_BYTES;
    const memory = this.#bytes.buffer;
    const isShareable = memory.byteLength <= MAX_SHARED_MEMORY_LENGTH || 2 * length >= memory.byteLength;
    if (length >= LARGE_BYTES_LENGTH && isShareable)
      return new Uint8Array(memory, this.#bytes.byteOffset + start, length);
    const copy = new Uint8Array(length);
    copy.set(this.#bytes.subarray(start, start + length));
    return copy;
  }

  /** Reads the length field and padding of an array. Returns the offset of its end. */
  arrayEnd(alignment: number): number {
    const length = this.u32();
    if (length > MAX_ARRAY_LENGTH) throw new MalformedMessageError(`an array has at most ${MAX_ARRAY_LENGTH} bytes`);
    this.align(alignment);
    this.#assertAvailable(length);
    return this.offset + length;
  }

  /** Throws if the last item of an array did not end at the end of the array. */
  assertArrayEnd(end: number): void {
    if (this.offset !== end)
      throw new MalformedMessageError("the length of an array differs from the length of its items");
  }

  /** Throws if bytes are left after the last value. */
  assertEnd(): void {
    if (this.offset !== this.#length) throw new MalformedMessageError("there are bytes after the last value");
  }

  /** Enters a container. Throws if values are nested too deep. */
  enter(): void {
    if (++this.#depth > MAX_VALUE_DEPTH)
      throw new MalformedMessageError(`a value is nested more than ${MAX_VALUE_DEPTH} deep`);
  }

  leave(): void {
    this.#depth--;
  }

  #cached(length: number, cache: TextCache): string {
    const start = this.offset;
    const cached = this.#readCached(length, cache);
    if (cached !== undefined) return cached;
    this.offset = start;
    const text = this.#text(length);
    cache.add(this.#bytes, this.#start + start, length, text);
    return text;
  }

  #validated(length: number, cache: TextCache, isValid: (text: string) => boolean): string | undefined {
    const start = this.offset;
    const cached = this.#readCached(length, cache);
    if (cached !== undefined) return cached;
    const text = this.#text(length);
    if (!isValid(text)) return undefined;
    cache.add(this.#bytes, this.#start + start, length, text);
    return text;
  }

  /** Reads a text if it is in the cache. Otherwise returns undefined and does not move the reader. */
  #readCached(length: number, cache: TextCache): string | undefined {
    const end = this.offset + length;
    if (end >= this.#length || this.#bytes[this.#start + end] !== 0) return undefined;
    const text = cache.find(this.#bytes, this.#start + this.offset, length);
    if (text !== undefined) this.offset = end + 1;
    return text;
  }

  #text(length: number): string {
    this.#assertAvailable(length + 1);
    const bytes = this.#bytes;
    const start = this.#start + this.offset;
    const end = start + length;
    if (bytes[end] !== 0) throw new MalformedMessageError("a string does not end with NUL");
    this.offset += length + 1;
    if (length <= SHORT_TEXT_LENGTH && isShortAscii(bytes, start, end)) return bytes.toString("latin1", start, end);
    if (bytes.indexOf(0, start) !== end) throw new MalformedMessageError("a string contains NUL");
    return decodeUtf8(bytes, start, end);
  }

  /** Returns the last offset up to `limit` that is not inside a UTF-8 character; `limit` if the bytes are not UTF-8. */
  #characterEnd(start: number, limit: number): number {
    for (let end = limit; end > Math.max(start, limit - 4); end--) {
      // Bytes of the form 10xxxxxx continue a character.
      if (((this.#bytes[end] ?? 0) & 0xc0) !== 0x80) return end;
    }
    return limit;
  }

  /** Moves past the next number of this size and the padding before it. Returns the offset of the number in memory. */
  #take(size: number): number {
    const at = (this.offset + size - 1) & -size;
    if (at !== this.offset) this.align(size);
    if (at + size > this.#length) throw pastEnd();
    this.offset = at + size;
    return this.#start + at;
  }

  #assertAvailable(length: number): void {
    if (this.offset + length > this.#length) throw pastEnd();
  }
}

function decodeUtf8(bytes: Buffer, start: number, end: number): string {
  const text = bytes.toString("utf8", start, end);
  // U+FFFD is decoded from itself and from invalid UTF-8.
  if (text.includes("\ufffd") && !isUtf8(bytes.subarray(start, end)))
    throw new MalformedMessageError("a string is not UTF-8");
  return text;
}

function isShortAscii(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const byte = bytes[i] ?? 0;
    if (byte === 0 || byte > 0x7f) return false;
  }
  return true;
}

function pastEnd(): MalformedMessageError {
  return new MalformedMessageError("a value goes past the end of the message");
}
