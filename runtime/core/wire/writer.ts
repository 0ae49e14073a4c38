import { fstatSync } from "node:fs";
import { InvalidValueError, NO_DESCRIPTORS, ValueTooLargeError } from "./errors.ts";
import { MAX_MESSAGE_LENGTH, MAX_VALUE_DEPTH } from "./limits.ts";

const SURROGATE = /\p{Surrogate}/u;
/** Maximum length of a text, in characters, for which a loop is faster than a call of a function of the engine. */
const SHORT_TEXT_LENGTH = 32;
/** Initial size of the memory in bytes. */
const INITIAL_CAPACITY = 1024;
/** Maximum size of memory, in bytes, that is reused. Larger memory is released after each message. */
const MAX_REUSED_CAPACITY = 1 << 20;

/**
 * Writes little-endian values one after another into memory that grows if necessary. `reset` reuses the memory for the
 * next message. After `takeBytes`, the next message follows in the same memory, until `rewind` is called.
 */
export class Writer {
  /** Number of written bytes from the start of the message. */
  offset = 0;
  /** Maximum number of file descriptors of the message; 0 if the connection cannot send any. */
  maxDescriptors = 0;
  #descriptors: number[] = [];
  #bytes = Buffer.allocUnsafeSlow(INITIAL_CAPACITY);
  #view = viewOf(this.#bytes);
  #start = 0;
  #depth = 0;

  /** Empties the writer. The memory of an unusually large message is released. */
  reset(): void {
    this.offset = 0;
    if (this.#descriptors.length > 0) this.#descriptors = [];
    this.#depth = 0;
    if (this.#bytes.length > MAX_REUSED_CAPACITY) this.#use(Buffer.allocUnsafeSlow(INITIAL_CAPACITY));
  }

  /** Returns a copy of the written bytes from an offset. */
  copyBytes(from = 0): Uint8Array {
    return Buffer.from(this.#bytes.subarray(this.#start + from, this.#start + this.offset));
  }

  /** Returns the written bytes without copying, and empties the writer. The next message will be adjacent in memory. */
  takeBytes(): Uint8Array {
    const { buffer, byteOffset } = this.#bytes;
    // Creating a Uint8Array is faster than creating a Buffer, and this function runs for each message.
    const taken = new Uint8Array(buffer, byteOffset + this.#start, this.offset);
    this.#start += this.offset;
    this.offset = 0;
    if (this.#bytes.length > MAX_REUSED_CAPACITY) this.#use(Buffer.allocUnsafeSlow(INITIAL_CAPACITY));
    return taken;
  }

  /** The file descriptors that the message carries. The descriptors still belong to the sender. */
  get descriptors(): readonly number[] {
    return this.#descriptors;
  }

  /**
   * Makes the memory of taken messages available for reuse. These messages must not be read any more. The writer must
   * be empty.
   */
  rewind(): void {
    this.#start = 0;
  }

  /** Writes zeros up to the next multiple of 1, 2, 4 or 8. */
  align(alignment: number): void {
    const end = (this.offset + alignment - 1) & -alignment;
    if (end === this.offset) return;
    this.#reserve(8);
    while (this.offset < end) this.#bytes[this.#start + this.offset++] = 0;
  }

  u8(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#start + this.offset++] = value;
  }

  i16(value: number): void {
    const at = this.#reserveAligned(2);
    this.#view.setInt16(at, value, true);
  }

  u32(value: number): void {
    const at = this.#reserveAligned(4);
    this.#view.setUint32(at, value, true);
  }

  i64(value: bigint): void {
    const at = this.#reserveAligned(8);
    this.#view.setBigInt64(at, value, true);
  }

  f64(value: number): void {
    const at = this.#reserveAligned(8);
    this.#view.setFloat64(at, value, true);
  }

  /** Overwrites a byte at an offset. */
  patchU8(offset: number, value: number): void {
    this.#bytes[this.#start + offset] = value;
  }

  /** Overwrites a 32-bit number at an offset. */
  patchU32(offset: number, value: number): void {
    this.#view.setUint32(this.#start + offset, value, true);
  }

  /**
   * Writes a string with its length and a final NUL. Throws InvalidValueError if it contains NUL or a lone surrogate.
   */
  string(text: string): void {
    this.#reserve(text.length * 3 + 8);
    this.align(4);
    const lengthAt = this.offset;
    this.offset += 4;
    if (!this.#tryAscii(text)) this.#utf8(text);
    this.#view.setUint32(this.#start + lengthAt, this.offset - lengthAt - 4, true);
    this.#bytes[this.#start + this.offset++] = 0;
  }

  /** Writes a valid signature with its length and a final NUL. */
  signature(text: string): void {
    this.#reserve(text.length + 2);
    let at = this.#start + this.offset;
    this.#bytes[at++] = text.length;
    for (let i = 0; i < text.length; i++) this.#bytes[at++] = text.charCodeAt(i);
    this.#bytes[at] = 0;
    this.offset += text.length + 2;
  }

  /**
   * Adds an open file descriptor to the message, and writes its index. Throws InvalidValueError if the descriptor
   * cannot be sent.
   */
  descriptor(descriptor: number): void {
    if (this.maxDescriptors === 0) {
      throw new InvalidValueError(NO_DESCRIPTORS);
    }
    if (this.#descriptors.length >= this.maxDescriptors)
      throw new InvalidValueError(`a message carries at most ${this.maxDescriptors} file descriptors`);
    if (!isOpen(descriptor)) throw new InvalidValueError(`expected an open file descriptor, got ${descriptor}`);
    this.u32(this.#descriptors.length);
    this.#descriptors.push(descriptor);
  }

  bytes(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#bytes.set(value, this.#start + this.offset);
    this.offset += value.length;
  }

  /** Enters a container. Throws InvalidValueError if the value is nested too deep. */
  enter(): void {
    if (++this.#depth > MAX_VALUE_DEPTH)
      throw new InvalidValueError(`a value is nested at most ${MAX_VALUE_DEPTH} deep`);
  }

  leave(): void {
    this.#depth--;
  }

  /** Writes a short ASCII text without NUL, and returns true. For any other text, writes nothing and returns false. */
  #tryAscii(text: string): boolean {
    const { length } = text;
    if (length > SHORT_TEXT_LENGTH) return false;
    const bytes = this.#bytes;
    const start = this.#start + this.offset;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code === 0 || code > 0x7f) return false;
      bytes[start + i] = code;
    }
    this.offset += length;
    return true;
  }

  #utf8(text: string): void {
    if (text.includes("\0")) throw new InvalidValueError("a string must not contain NUL");
    const length = this.#bytes.write(text, this.#start + this.offset);
    // A text with as many bytes as characters is ASCII.
    if (length !== text.length && SURROGATE.test(text))
      throw new InvalidValueError("a string must not contain a lone surrogate");
    this.offset += length;
  }

  /** Reserves aligned space for a number of this size. Returns its offset in memory. */
  #reserveAligned(size: number): number {
    this.#reserve(size + 7);
    this.align(size);
    const at = this.#start + this.offset;
    this.offset += size;
    return at;
  }

  #reserve(length: number): void {
    if (this.#start + this.offset + length > this.#bytes.length) this.#grow(this.offset + length);
  }

  #grow(needed: number): void {
    // Strings reserve three bytes per character, so the exact limit is checked after the message is complete.
    if (needed > 4 * MAX_MESSAGE_LENGTH)
      throw new ValueTooLargeError(`a message has at most ${MAX_MESSAGE_LENGTH} bytes`);
    // The memory of a large message doubles. Small messages share memory up to the capacity that is reused.
    const isLarge = needed * 2 > MAX_REUSED_CAPACITY;
    const generous = isLarge ? this.offset * 2 : Math.min(this.#bytes.length * 2, MAX_REUSED_CAPACITY);
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, generous));
    this.#bytes.copy(grown, 0, this.#start, this.#start + this.offset);
    this.#use(grown);
  }

  #use(bytes: Buffer<ArrayBuffer>): void {
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
    this.#start = 0;
  }
}

function isOpen(descriptor: number): boolean {
  try {
    fstatSync(descriptor);
    return true;
  } catch {
    return false;
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
