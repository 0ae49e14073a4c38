import { InvalidValueError } from "./faults.ts";
import { MAX_MESSAGE_LENGTH, MAX_VALUE_DEPTH } from "./limits.ts";

const LONE_SURROGATE = /\p{Surrogate}/u;
const FIRST_CAPACITY = 1024;
const KEPT_CAPACITY = 1 << 20;

/** Writes little-endian values one after another into memory that grows with them and is used again for the next message. */
export class Writer {
  offset = 0;
  #bytes = Buffer.alloc(FIRST_CAPACITY);
  #view = viewOf(this.#bytes);
  #depth = 0;

  /** Makes the writer empty; memory of an unusually large message is given back. */
  reset(): void {
    this.offset = 0;
    this.#depth = 0;
    if (this.#bytes.length > KEPT_CAPACITY) this.#use(Buffer.alloc(FIRST_CAPACITY));
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return Buffer.from(this.#bytes.subarray(0, this.offset));
  }

  /** Writes zeros up to the next multiple of 1, 2, 4 or 8. */
  align(alignment: number): void {
    const end = (this.offset + alignment - 1) & -alignment;
    this.#reserve(8);
    while (this.offset < end) this.#bytes[this.offset++] = 0;
  }

  u8(value: number): void {
    this.#reserve(1);
    this.#bytes[this.offset++] = value;
  }

  i16(value: number): void {
    this.align(2);
    this.#reserve(2);
    this.#view.setInt16(this.offset, value, true);
    this.offset += 2;
  }

  u32(value: number): void {
    this.align(4);
    this.#reserve(4);
    this.#view.setUint32(this.offset, value, true);
    this.offset += 4;
  }

  i64(value: bigint): void {
    this.align(8);
    this.#reserve(8);
    this.#view.setBigInt64(this.offset, value, true);
    this.offset += 8;
  }

  f64(value: number): void {
    this.align(8);
    this.#reserve(8);
    this.#view.setFloat64(this.offset, value, true);
    this.offset += 8;
  }

  /** Writes over a number that was written before. */
  patchU32(offset: number, value: number): void {
    this.#view.setUint32(offset, value, true);
  }

  /** A string with its length before it and a NUL after it. Throws InvalidValueError for NUL and lone surrogates inside. */
  string(text: string): void {
    this.align(4);
    this.#reserve(text.length * 3 + 5);
    const start = this.offset + 4;
    const length = this.#ascii(text, start) ? text.length : this.#utf8(text, start);
    this.#view.setUint32(this.offset, length, true);
    this.offset = start + length;
    this.#bytes[this.offset++] = 0;
  }

  /** A valid signature with its length before it and a NUL after it. */
  signature(text: string): void {
    this.#reserve(text.length + 2);
    this.#bytes[this.offset] = text.length;
    this.offset += 1 + this.#bytes.write(text, this.offset + 1, "latin1");
    this.#bytes[this.offset++] = 0;
  }

  bytes(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#bytes.set(value, this.offset);
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

  #ascii(text: string, start: number): boolean {
    if (text.length > 64) return false;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code === 0 || code > 0x7f) return false;
      this.#bytes[start + i] = code;
    }
    return true;
  }

  #utf8(text: string, start: number): number {
    if (text.includes("\0")) throw new InvalidValueError("a string must not contain NUL");
    if (LONE_SURROGATE.test(text)) throw new InvalidValueError("a string must not contain a lone surrogate");
    return this.#bytes.write(text, start, "utf8");
  }

  #reserve(length: number): void {
    const needed = this.offset + length;
    if (needed <= this.#bytes.length) return;
    // Strings reserve three bytes per character, so the exact limit is checked on the finished message.
    if (needed > 4 * MAX_MESSAGE_LENGTH)
      throw new InvalidValueError(`a message has at most ${MAX_MESSAGE_LENGTH} bytes`);
    const grown = Buffer.alloc(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(grown, 0, 0, this.offset);
    this.#use(grown);
  }

  #use(bytes: Buffer<ArrayBuffer>): void {
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
