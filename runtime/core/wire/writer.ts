import { fstatSync } from "node:fs";
import { InvalidValueError, ValueTooLargeError } from "./errors.ts";
import { MAX_MESSAGE_LENGTH, MAX_VALUE_DEPTH } from "./limits.ts";

const SURROGATE = /\p{Surrogate}/u;
/** Up to this many characters, writing one by one is faster than a call into the engine. */
const SHORT_TEXT = 64;
const FIRST_CAPACITY = 1024;
const KEPT_CAPACITY = 1 << 20;

/**
 * Writes little-endian values one after another into memory that grows with them. The memory is used again after `reset`;
 * after `take` the next message follows in it, until `rewind`.
 */
export class Writer {
  /** How many bytes were written, from the start of the message. */
  offset = 0;
  /** How many file descriptors may come along; 0 where what is written goes nowhere that takes them. */
  maxDescriptors = 0;
  #descriptors: number[] = [];
  #bytes = Buffer.allocUnsafeSlow(FIRST_CAPACITY);
  #view = viewOf(this.#bytes);
  #start = 0;
  #depth = 0;

  /** Makes the writer empty; memory of an unusually large message is given back. */
  reset(): void {
    this.offset = 0;
    if (this.#descriptors.length > 0) this.#descriptors = [];
    this.#depth = 0;
    if (this.#bytes.length > KEPT_CAPACITY) this.#use(Buffer.allocUnsafeSlow(FIRST_CAPACITY));
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return Buffer.from(this.#bytes.subarray(this.#start, this.#start + this.offset));
  }

  /** What was written, which is the receiver's from now on; the writer is empty then. Messages taken in a row adjoin. */
  take(): Uint8Array {
    const { buffer, byteOffset } = this.#bytes;
    // Quicker to make than a Buffer, and there is one for each message.
    const taken = new Uint8Array(buffer, byteOffset + this.#start, this.offset);
    this.#start += this.offset;
    this.offset = 0;
    if (this.#bytes.length > KEPT_CAPACITY) this.#use(Buffer.allocUnsafeSlow(FIRST_CAPACITY));
    return taken;
  }

  /** The file descriptors that come along; they stay the sender's. */
  get descriptors(): readonly number[] {
    return this.#descriptors;
  }

  /** Uses the memory of taken messages again: nobody must read them any more. The writer must be empty. */
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
    const at = this.#room(2);
    this.#view.setInt16(at, value, true);
  }

  u32(value: number): void {
    const at = this.#room(4);
    this.#view.setUint32(at, value, true);
  }

  i64(value: bigint): void {
    const at = this.#room(8);
    this.#view.setBigInt64(at, value, true);
  }

  f64(value: number): void {
    const at = this.#room(8);
    this.#view.setFloat64(at, value, true);
  }

  /** Writes over a byte that was written before. */
  patchU8(offset: number, value: number): void {
    this.#bytes[this.#start + offset] = value;
  }

  /** Writes over a number that was written before. */
  patchU32(offset: number, value: number): void {
    this.#view.setUint32(this.#start + offset, value, true);
  }

  /** A string with its length before it and a NUL after it. Throws InvalidValueError for NUL and lone surrogates inside. */
  string(text: string): void {
    this.#reserve(text.length * 3 + 8);
    this.align(4);
    const lengthAt = this.offset;
    this.offset += 4;
    if (!this.#ascii(text)) this.#utf8(text);
    this.#view.setUint32(this.#start + lengthAt, this.offset - lengthAt - 4, true);
    this.#bytes[this.#start + this.offset++] = 0;
  }

  /** A valid signature with its length before it and a NUL after it. */
  signature(text: string): void {
    this.#reserve(text.length + 2);
    let at = this.#start + this.offset;
    this.#bytes[at++] = text.length;
    for (let i = 0; i < text.length; i++) this.#bytes[at++] = text.charCodeAt(i);
    this.#bytes[at] = 0;
    this.offset += text.length + 2;
  }

  /** An open file descriptor, as its place among those that come along. Throws InvalidValueError where it cannot. */
  descriptor(descriptor: number): void {
    if (this.maxDescriptors === 0) {
      throw new InvalidValueError(
        "file descriptors cannot be sent over this connection: it needs the package usocket and a unix socket",
      );
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

  /** Goes into a container. Throws InvalidValueError where the value is nested too deep. */
  enter(): void {
    if (++this.#depth > MAX_VALUE_DEPTH)
      throw new InvalidValueError(`a value is nested at most ${MAX_VALUE_DEPTH} deep`);
  }

  leave(): void {
    this.#depth--;
  }

  /** Writes a short text without NUL in ASCII; false, and nothing written, where it is not one. */
  #ascii(text: string): boolean {
    const { length } = text;
    if (length > SHORT_TEXT) return false;
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
    const length = this.#bytes.write(text, this.#start + this.offset, "utf8");
    // As many bytes as characters: all of them are ASCII.
    if (length !== text.length && SURROGATE.test(text))
      throw new InvalidValueError("a string must not contain a lone surrogate");
    this.offset += length;
  }

  /** Aligns to the size of a number and passes over it; gives where in memory it goes. */
  #room(size: number): number {
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
    // Strings reserve three bytes per character, so the exact limit is checked on the finished message.
    if (needed > 4 * MAX_MESSAGE_LENGTH)
      throw new ValueTooLargeError(`a message has at most ${MAX_MESSAGE_LENGTH} bytes`);
    // A message that grows takes twice its size; small ones share memory, as far as it is kept.
    const isLarge = needed * 2 > KEPT_CAPACITY;
    const generous = isLarge ? this.offset * 2 : Math.min(this.#bytes.length * 2, KEPT_CAPACITY);
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
