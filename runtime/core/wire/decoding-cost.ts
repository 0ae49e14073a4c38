import {
  ARRAY_BYTES,
  BIGINT_BYTES,
  BYTE_ARRAY_BYTES,
  DOUBLE_BYTES,
  EMPTY_ARRAY_BYTES,
  FIRST_NUMBERED_KEY_BYTES,
  HASH_ENTRY_BYTES,
  HASH_TABLE_BYTES,
  MAP_BYTES,
  MAP_ENTRY_BYTES,
  NEW_KEY_BYTES,
  NEW_SHAPE_BYTES,
  NUMBERED_KEY_BYTES,
  RECORD_BYTES,
  SHAPE_KEYS,
  SLOT_BYTES,
  STRUCT_BYTES,
  textBytes,
  VARIANT_BYTES,
} from "./decoded-bytes.ts";
import { hashWithKey, KeyShapes, NO_KEYS } from "./key-shapes.ts";
import { MAX_NAME_LENGTH, MAX_RECEIVED_NAME_LENGTH, MAX_VALUE_DEPTH } from "./limits.ts";
import { readSignature, type Type } from "./signature.ts";
import { TextCache } from "./text-cache.ts";

/** Time for decoding a container, relative to the time for a number. */
const CONTAINER_WORK = 2;
const DICTIONARY_WORK = 4;
const BYTE_ARRAY_WORK = 4;
const NUMBERED_KEY_WORK = 4;
/** Number of bytes of text that take as long to decode as a number. */
const TEXT_BYTES_PER_WORK = 256;
/** Maximum length of a variant's signature that takes no additional memory and time, because its codec is cached. */
const SHORT_SIGNATURE_LENGTH = 8;
/** Memory per character of a longer signature. */
const SIGNATURE_BYTES = 8;
/** Minimum length of a byte array that is decoded to a view of the message. */
const SHARED_BYTES_LENGTH = 1 << 15;
/**
 * Minimum number of items of an array for which `itemCounts` has an entry. The decoder can then allocate the array with
 * its final length.
 */
const MANY_ITEMS = 1 << 12;
/** Maximum number of variant signatures whose types are remembered during one count. */
const MAX_REMEMBERED_SIGNATURES = 256;

/** Sizes of values of fixed size in bytes, by type code. */
const FIXED_SIZES: Readonly<Record<string, number>> = { y: 1, n: 2, q: 2, b: 4, i: 4, u: 4, h: 4, x: 8, t: 8, d: 8 };

const TEXTS = new TextCache();

/** Number of items of each array with very many items, by the offset of its first item. */
export type ItemCounts = ReadonlyMap<number, number>;

/** State of a count: there are more values, all values are counted, or a limit is exceeded. */
export type CountState = "unfinished" | "counted" | "exceeded";

/** A container whose values are being counted. Frames are reused, so that counting allocates nothing per value. */
class Frame {
  /** Types of the values. For an array, the types repeat up to the end of the array. */
  types: readonly Type[] = [];
  nextIndex = 0;
  /** Start and end of the items of an array; 0 for a container that is not an array. */
  arrayStart = 0;
  arrayEnd = 0;
  /** Number of items so far, including the present one. */
  itemCount = 0;
  isDictionary = false;
  /** Number of keys so far. Used if the dictionary is decoded to a record. */
  keyCount = 0;
  keysHash = NO_KEYS;
  hasNumberedKey = false;
}

/**
 * Computes in steps, without decoding, the cost of decoding a body: the memory of the decoded values, and the time. The
 * memory is that of values without a declared shape. Declared structs and dictionaries take as much or less.
 *
 * A malformed body is counted up to its first error. The decoder then reports the error.
 */
export class DecodingCost {
  /** Memory of the values that were counted so far, in bytes. */
  decodedBytes = 0;
  /** Time for decoding the values that were counted so far, relative to the time for a number. */
  work = 0;
  readonly #itemCounts = new Map<number, number>();
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #littleEndian: boolean;
  readonly #maxDecodedBytes: number;
  #offset: number;
  readonly #frames: Frame[] = [];
  /** Number of open containers. The first `#depth` elements of `#frames` describe them. */
  #depth = 0;
  readonly #signatures = new Map<string, Type | undefined>();
  #shapes: KeyShapes | undefined;
  #isExceeded = false;

  /**
   * @param bytes - The whole message.
   * @param offset - Offset of the first value.
   * @param maxDecodedBytes - Memory in bytes above which counting ends. By default, there is no limit, and each key is
   * counted as if no earlier record had it, which is faster.
   */
  constructor(
    bytes: Uint8Array,
    littleEndian: boolean,
    offset: number,
    types: readonly Type[],
    maxDecodedBytes = Number.POSITIVE_INFINITY,
  ) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#littleEndian = littleEndian;
    this.#offset = offset;
    this.#maxDecodedBytes = maxDecodedBytes;
    this.#open(types, 0);
  }

  /** Offset of the first value that is not counted yet. */
  get offset(): number {
    return this.#offset;
  }

  /** Item counts of the arrays that were counted so far. */
  get itemCounts(): ItemCounts {
    return this.#itemCounts;
  }

  /** Continues counting, for at most about `steps` values. */
  run(steps = Number.POSITIVE_INFINITY): CountState {
    for (let step = 0; this.#depth > 0; step++) {
      if (step >= steps) return "unfinished";
      if (!this.#next()) break;
      if (this.#isExceeded || this.decodedBytes > this.#maxDecodedBytes) return "exceeded";
    }
    return "counted";
  }

  /** Counts the next value. Returns false if the body is malformed. */
  #next(): boolean {
    const frame = this.#frames[this.#depth - 1];
    if (frame === undefined) return false;
    if (frame.nextIndex < frame.types.length) {
      const type = frame.types[frame.nextIndex++];
      if (type === undefined) return false;
      if (!frame.isDictionary || frame.nextIndex === 2) return this.#value(type);
      this.#align(8);
      return this.#key(type, frame);
    }
    if (this.#offset < frame.arrayEnd) {
      frame.nextIndex = 0;
      frame.itemCount++;
    } else {
      if (frame.itemCount >= MANY_ITEMS) this.#itemCounts.set(frame.arrayStart, frame.itemCount);
      this.#depth--;
    }
    return true;
  }

  #value(type: Type): boolean {
    this.work++;
    this.decodedBytes += SLOT_BYTES;
    switch (type.kind) {
      case "basic":
        return this.#basic(type.code);
      case "variant":
        this.decodedBytes += VARIANT_BYTES;
        return this.#variant();
      case "struct":
        this.work += CONTAINER_WORK - 1;
        this.decodedBytes += STRUCT_BYTES;
        this.#align(8);
        return this.#open(type.fields, 0);
      case "array":
        return this.#array(type.element);
      case "dict":
        this.work += DICTIONARY_WORK - 1;
        this.decodedBytes += isText(type.key) ? RECORD_BYTES : MAP_BYTES;
        return this.#openArray([type.key, type.value], 8, true);
    }
  }

  #basic(code: string): boolean {
    const size = FIXED_SIZES[code];
    if (size === undefined) return this.#text(code);
    this.#align(size);
    if (code === "d" || (code === "u" && this.#isLargeNext())) this.decodedBytes += DOUBLE_BYTES;
    else if (size === 8) this.decodedBytes += BIGINT_BYTES;
    return this.#skip(size);
  }

  #text(code: string): boolean {
    const length = code === "g" ? this.#u8() : this.#u32();
    if (code === "o" && length > MAX_RECEIVED_NAME_LENGTH) this.#isExceeded = true;
    this.work += Math.floor(length / TEXT_BYTES_PER_WORK);
    this.decodedBytes += textBytes(length);
    return this.#skip(length + 1);
  }

  #key(type: Type, frame: Frame): boolean {
    this.work++;
    if (!isText(type)) {
      this.decodedBytes += SLOT_BYTES + MAP_ENTRY_BYTES;
      return type.kind === "basic" && this.#basic(type.code);
    }
    const length = this.#u32();
    if (length > MAX_RECEIVED_NAME_LENGTH) this.#isExceeded = true;
    else this.#addKeyTo(frame, this.#offset, length);
    return this.#skip(length + 1);
  }

  /** Counts the memory and time of a key of a record, without the slot of its value. */
  #addKeyTo(frame: Frame, start: number, length: number): void {
    const index = frame.keyCount++;
    if (this.#isNewKey(frame, start, length))
      this.decodedBytes += (index === 0 ? NEW_SHAPE_BYTES : NEW_KEY_BYTES) + textBytes(length);
    else if (index > SHAPE_KEYS) this.decodedBytes += HASH_ENTRY_BYTES;
    if (index === SHAPE_KEYS) this.decodedBytes += HASH_TABLE_BYTES;
    if (isDigit(this.#bytes[start])) {
      this.work += NUMBERED_KEY_WORK;
      this.decodedBytes += frame.hasNumberedKey ? NUMBERED_KEY_BYTES : FIRST_NUMBERED_KEY_BYTES;
      frame.hasNumberedKey = true;
    }
  }

  /** Returns whether no earlier record of the message begins with the same keys as this record up to its latest key. */
  #isNewKey(frame: Frame, start: number, length: number): boolean {
    if (length > MAX_NAME_LENGTH || this.#maxDecodedBytes === Number.POSITIVE_INFINITY) return true;
    frame.keysHash = hashWithKey(frame.keysHash, this.#bytes, start, length);
    this.#shapes ??= new KeyShapes();
    return this.#shapes.add(frame.keysHash);
  }

  #variant(): boolean {
    const length = this.#u8();
    const start = this.#offset;
    if (!this.#skip(length + 1)) return false;
    if (length > SHORT_SIGNATURE_LENGTH) {
      this.work += length;
      this.decodedBytes += length * SIGNATURE_BYTES;
    }
    const type = this.#typeOf(start, length);
    return type !== undefined && this.#open([type], 0);
  }

  #array(element: Type): boolean {
    const size = element.kind === "basic" ? FIXED_SIZES[element.code] : undefined;
    // After the length, only items that are aligned to 8 bytes have padding: structs.
    if (size === undefined) return this.#openArray([element], element.kind === "struct" ? 8 : 1, false);
    const length = this.#u32();
    this.#align(size);
    if (size === 1) {
      this.work += BYTE_ARRAY_WORK;
      if (length > 0) this.decodedBytes += BYTE_ARRAY_BYTES + (length < SHARED_BYTES_LENGTH ? length : 0);
    } else {
      const count = Math.ceil(length / size);
      this.work += CONTAINER_WORK + count;
      this.decodedBytes += count === 0 ? EMPTY_ARRAY_BYTES : ARRAY_BYTES;
      this.decodedBytes += count * (SLOT_BYTES + (isBigint(element) ? BIGINT_BYTES : 0));
    }
    return this.#skip(length);
  }

  #openArray(types: readonly Type[], alignment: number, isDictionary: boolean): boolean {
    const length = this.#u32();
    this.#align(alignment);
    if (this.#offset + length > this.#bytes.length) return false;
    if (!isDictionary) {
      this.work += CONTAINER_WORK;
      this.decodedBytes += length === 0 ? EMPTY_ARRAY_BYTES : ARRAY_BYTES;
    }
    return length === 0 || this.#open(types, this.#offset + length, isDictionary);
  }

  #open(types: readonly Type[], arrayEnd: number, isDictionary = false): boolean {
    // Two containers per level: a dict entry or struct inside an array.
    if (this.#depth > 2 * MAX_VALUE_DEPTH) return false;
    const frame = this.#frames[this.#depth] ?? new Frame();
    this.#frames[this.#depth++] = frame;
    frame.types = types;
    frame.nextIndex = 0;
    frame.arrayStart = this.#offset;
    frame.arrayEnd = arrayEnd;
    frame.itemCount = 1;
    frame.isDictionary = isDictionary;
    frame.keyCount = 0;
    frame.keysHash = NO_KEYS;
    frame.hasNumberedKey = false;
    return true;
  }

  #typeOf(start: number, length: number): Type | undefined {
    const signature = this.#signatureAt(start, length);
    if (this.#signatures.has(signature)) return this.#signatures.get(signature);
    const read = readSignature(signature);
    const type = read.ok && read.types.length === 1 ? read.types[0] : undefined;
    if (this.#signatures.size < MAX_REMEMBERED_SIGNATURES) this.#signatures.set(signature, type);
    return type;
  }

  #signatureAt(start: number, length: number): string {
    const cached = TEXTS.find(this.#bytes, start, length);
    if (cached !== undefined) return cached;
    const text = String.fromCharCode(...this.#bytes.subarray(start, start + length));
    TEXTS.add(this.#bytes, start, length, text);
    return text;
  }

  /** Returns whether the next `u` is too large to be a small integer of V8. Does not move the reader. */
  #isLargeNext(): boolean {
    const at = this.#offset + (this.#littleEndian ? 3 : 0);
    return (this.#bytes[at] ?? 0) >= 0x80;
  }

  #align(alignment: number): void {
    this.#offset = (this.#offset + alignment - 1) & -alignment;
  }

  #u8(): number {
    return this.#bytes[this.#offset++] ?? 0;
  }

  #u32(): number {
    this.#align(4);
    const at = this.#offset;
    this.#offset += 4;
    return this.#offset > this.#bytes.length ? 0 : this.#view.getUint32(at, this.#littleEndian);
  }

  #skip(length: number): boolean {
    this.#offset += length;
    return this.#offset <= this.#bytes.length;
  }
}

/** Returns whether dictionaries with keys of this type are decoded to records. */
function isText(key: Type): boolean {
  return key.kind === "basic" && key.code === "s";
}

function isBigint(type: Type): boolean {
  return type.kind === "basic" && (type.code === "x" || type.code === "t");
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}
