import { isUtf8 } from "node:buffer";
import type { Descriptors } from "./descriptors.ts";
import { MalformedMessageError } from "./errors.ts";
import { MAX_ARRAY_LENGTH, MAX_VALUE_DEPTH } from "./limits.ts";
import { isSignature } from "./signature.ts";
import { TextCache } from "./text-cache.ts";

/** Up to this many bytes, looking at them one by one is faster than calls into the engine. */
const SHORT_TEXT = 96;
/** Up to this many bytes, a text is likely to come again, and finding it costs less than decoding it. */
const REMEMBERED_TEXT = 24;
/** From this many bytes on, a copy costs more than memory that is kept longer. */
const LARGE_BYTES = 1 << 15;
const KEYS = new TextCache();
const TEXTS = new TextCache();
const TYPES = new TextCache();
const SIGNATURES = new TextCache();

/** Reads values one after another out of bytes; every fault throws MalformedMessageError. */
export class Reader {
  /** Where reading goes on, counted from the start of the message, as alignment is. */
  offset = 0;
  /** What values of type `h` speak of; absent where none came, or they are not for who reads. */
  descriptors: Descriptors | undefined;
  /** Set when a value of type `h` was read whose file descriptor is not there: what was read is no use. */
  lacksDescriptor = false;
  littleEndian = true;
  /** The whole memory that the message stands in, from `#start` on. */
  #bytes: Buffer;
  #view: DataView;
  #start = 0;
  #length = 0;
  #depth = 0;

  /** @param offset - Where reading starts; alignment counts from the start of `bytes`. */
  constructor(bytes: Uint8Array, littleEndian: boolean, offset = 0) {
    this.#bytes = Buffer.from(bytes.buffer);
    this.#view = new DataView(bytes.buffer);
    this.over(bytes, 0, bytes.length, littleEndian, offset);
  }

  /** Reads on in other bytes: a message that starts at `start` in them, from `offset` in the message on. */
  over(bytes: Uint8Array, start: number, length: number, littleEndian: boolean, offset: number): this {
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
    this.lacksDescriptor = false;
    this.offset = offset;
    return this;
  }

  /** Goes to the next multiple of 1, 2, 4 or 8; the bytes skipped must be zero. */
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
    return length <= REMEMBERED_TEXT ? this.#remembered(length, TEXTS) : this.#text(length);
  }

  /** A string that is likely to come again, such as the key of a dictionary. */
  key(): string {
    return this.#remembered(this.u32(), KEYS);
  }

  /** A string that must be valid by a rule; those in the cache are. Undefined where it is not. */
  name(cache: TextCache, isValid: (text: string) => boolean): string | undefined {
    return this.#valid(this.u32(), cache, isValid);
  }

  /** A signature of any number of complete types; undefined where it is none. */
  validSignature(): string | undefined {
    return this.#valid(this.u8(), SIGNATURES, isSignature);
  }

  /** The text of a signature; whether it is one is for the caller to check. */
  signature(): string {
    return this.#remembered(this.u8(), TYPES);
  }

  /** The only code of a signature of one; undefined, and nothing read, where it has more or fewer. */
  code(): number | undefined {
    const at = this.#start + this.offset;
    if (this.offset + 3 > this.#length || this.#bytes[at] !== 1 || this.#bytes[at + 2] !== 0) return undefined;
    this.offset += 3;
    return this.#bytes[at + 1];
  }

  /** A file descriptor; -1, and `lacksDescriptor` set, where it is not there. */
  descriptor(): number {
    // The index itself must not be handed out: 0 would be taken for the standard input of this process.
    const index = this.u32();
    const found = this.descriptors?.read(index);
    if (found === undefined) this.lacksDescriptor = true;
    return found ?? -1;
  }

  /**
   * A copy, so that it does not keep the message in memory and nobody else writes to it; a view on the message from
   * 32 KiB on.
   */
  bytes(length: number): Uint8Array {
    this.#need(length);
    const start = this.#start + this.offset;
    this.offset += length;
    if (length >= LARGE_BYTES) return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + start, length);
    const copy = new Uint8Array(length);
    copy.set(this.#bytes.subarray(start, start + length));
    return copy;
  }

  /** The length field and padding of an array; returns the offset at which its items end. */
  arrayEnd(alignment: number): number {
    const length = this.u32();
    if (length > MAX_ARRAY_LENGTH) throw new MalformedMessageError(`an array has at most ${MAX_ARRAY_LENGTH} bytes`);
    this.align(alignment);
    this.#need(length);
    return this.offset + length;
  }

  /** Checks that the items of an array filled it exactly. */
  finishArray(end: number): void {
    if (this.offset !== end) throw new MalformedMessageError("the items of an array do not end where its length says");
  }

  /** Checks that nothing is left. */
  finish(): void {
    if (this.offset !== this.#length) throw new MalformedMessageError("there are bytes after the last value");
  }

  enter(): void {
    if (++this.#depth > MAX_VALUE_DEPTH)
      throw new MalformedMessageError(`a value is nested more than ${MAX_VALUE_DEPTH} deep`);
  }

  leave(): void {
    this.#depth--;
  }

  #remembered(length: number, cache: TextCache): string {
    const start = this.offset;
    const found = this.#find(length, cache);
    if (found !== undefined) return found;
    this.offset = start;
    const text = this.#text(length);
    cache.add(this.#bytes, this.#start + start, length, text);
    return text;
  }

  #valid(length: number, cache: TextCache, isValid: (text: string) => boolean): string | undefined {
    const start = this.offset;
    const found = this.#find(length, cache);
    if (found !== undefined) return found;
    const text = this.#text(length);
    if (!isValid(text)) return undefined;
    cache.add(this.#bytes, this.#start + start, length, text);
    return text;
  }

  /** Finds a text in a cache, and passes over it then. */
  #find(length: number, cache: TextCache): string | undefined {
    const end = this.offset + length;
    if (end >= this.#length || this.#bytes[this.#start + end] !== 0) return undefined;
    const found = cache.find(this.#bytes, this.#start + this.offset, length);
    if (found !== undefined) this.offset = end + 1;
    return found;
  }

  #text(length: number): string {
    this.#need(length + 1);
    const bytes = this.#bytes;
    const start = this.#start + this.offset;
    const end = start + length;
    if (bytes[end] !== 0) throw new MalformedMessageError("a string does not end with NUL");
    this.offset += length + 1;
    if (length <= SHORT_TEXT && isAscii(bytes, start, end)) return bytes.toString("latin1", start, end);
    if (bytes.indexOf(0, start) !== end) throw new MalformedMessageError("a string contains NUL");
    const text = bytes.toString("utf8", start, end);
    // Only what is not UTF-8, or U+FFFD itself, is decoded to U+FFFD.
    if (text.includes("\ufffd") && !isUtf8(bytes.subarray(start, end)))
      throw new MalformedMessageError("a string is not UTF-8");
    return text;
  }

  /** Passes over the padding before a number of this size and over the number; gives where in memory it stands. */
  #take(size: number): number {
    const at = (this.offset + size - 1) & -size;
    if (at !== this.offset) this.align(size);
    if (at + size > this.#length) throw pastEnd();
    this.offset = at + size;
    return this.#start + at;
  }

  #need(length: number): void {
    if (this.offset + length > this.#length) throw pastEnd();
  }
}

function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const byte = bytes[i] ?? 0;
    if (byte === 0 || byte > 0x7f) return false;
  }
  return true;
}

function pastEnd(): MalformedMessageError {
  return new MalformedMessageError("a value goes past the end of the message");
}
