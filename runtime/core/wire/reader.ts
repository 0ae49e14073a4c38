import { isUtf8 } from "node:buffer";
import { MalformedMessageError } from "./faults.ts";
import { MAX_ARRAY_LENGTH, MAX_VALUE_DEPTH } from "./limits.ts";

/** Reads values one after another out of bytes; every fault throws MalformedMessageError. */
export class Reader {
  offset: number;
  /** Set when a value of type `h` was read: no file descriptors come over this connection, so what was read is no use. */
  lacksDescriptor = false;
  readonly littleEndian: boolean;
  readonly #bytes: Buffer;
  readonly #view: DataView;
  #depth = 0;

  /** @param offset - Where reading starts; alignment counts from the start of `bytes`. */
  constructor(bytes: Uint8Array, littleEndian: boolean, offset = 0) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.littleEndian = littleEndian;
    this.offset = offset;
  }

  /** Goes to the next multiple of 1, 2, 4 or 8; the bytes skipped must be zero. */
  align(alignment: number): void {
    const end = (this.offset + alignment - 1) & -alignment;
    this.#need(end - this.offset);
    while (this.offset < end) {
      if (this.#bytes[this.offset++] !== 0) throw new MalformedMessageError("padding is not zero");
    }
  }

  u8(): number {
    this.#need(1);
    return this.#view.getUint8(this.offset++);
  }

  u16(): number {
    const at = this.#take(2);
    return this.#view.getUint16(at, this.littleEndian);
  }

  i16(): number {
    const at = this.#take(2);
    return this.#view.getInt16(at, this.littleEndian);
  }

  u32(): number {
    const at = this.#take(4);
    return this.#view.getUint32(at, this.littleEndian);
  }

  i32(): number {
    const at = this.#take(4);
    return this.#view.getInt32(at, this.littleEndian);
  }

  u64(): bigint {
    const at = this.#take(8);
    return this.#view.getBigUint64(at, this.littleEndian);
  }

  i64(): bigint {
    const at = this.#take(8);
    return this.#view.getBigInt64(at, this.littleEndian);
  }

  f64(): number {
    const at = this.#take(8);
    return this.#view.getFloat64(at, this.littleEndian);
  }

  string(): string {
    return this.#text(this.u32());
  }

  /** The text of a signature; whether it is one is for the caller to check. */
  signature(): string {
    return this.#text(this.u8());
  }

  /** A copy, so that it does not keep the message in memory and nobody else writes to it. */
  bytes(length: number): Uint8Array {
    this.#need(length);
    const copy = new Uint8Array(length);
    copy.set(this.#bytes.subarray(this.offset, this.offset + length));
    this.offset += length;
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
    if (this.offset !== this.#bytes.length) throw new MalformedMessageError("there are bytes after the last value");
  }

  enter(): void {
    if (++this.#depth > MAX_VALUE_DEPTH)
      throw new MalformedMessageError(`a value is nested more than ${MAX_VALUE_DEPTH} deep`);
  }

  leave(): void {
    this.#depth--;
  }

  #text(length: number): string {
    this.#need(length + 1);
    const start = this.offset;
    const end = start + length;
    if (this.#bytes[end] !== 0) throw new MalformedMessageError("a string does not end with NUL");
    this.offset = end + 1;
    if (length <= 32 && this.#isAscii(start, end)) return this.#bytes.toString("latin1", start, end);
    const text = this.#bytes.subarray(start, end);
    if (text.includes(0)) throw new MalformedMessageError("a string contains NUL");
    if (!isUtf8(text)) throw new MalformedMessageError("a string is not UTF-8");
    return text.toString("utf8");
  }

  #isAscii(start: number, end: number): boolean {
    for (let i = start; i < end; i++) {
      const byte = this.#bytes[i] ?? 0;
      if (byte === 0 || byte > 0x7f) return false;
    }
    return true;
  }

  #take(size: number): number {
    this.align(size);
    this.#need(size);
    const at = this.offset;
    this.offset += size;
    return at;
  }

  #need(length: number): void {
    if (this.offset + length > this.#bytes.length)
      throw new MalformedMessageError("a value goes past the end of the message");
  }
}
