import { MAX_RECEIVED_NAME_LENGTH, MAX_VALUE_DEPTH } from "./limits.ts";
import { readSignature, type Type } from "./signature.ts";

/** Elements that a value counts, by the memory that it takes: a container more than a number, a dictionary most. */
const CONTAINER_ELEMENTS = 2;
const DICTIONARY_ELEMENTS = 4;
const BYTE_ARRAY_ELEMENTS = 4;
/** Elements that a key such as `10` counts, because JavaScript objects store such keys separately and sorted. */
const NUMBERED_KEY_ELEMENTS = 16;
/** Characters of a variant's signature that count as one element, because reading it takes time. */
const SIGNATURE_CHARACTERS_PER_ELEMENT = 8;
/** Bytes of text that take as long to decode as one element. */
const TEXT_BYTES_PER_ELEMENT = 256;
/** Signatures of variants whose types are remembered during one count. */
const MAX_REMEMBERED_SIGNATURES = 256;

/** Sizes of the types of fixed size by type code. */
const FIXED_SIZES: Readonly<Record<string, number>> = { y: 1, n: 2, q: 2, b: 4, i: 4, u: 4, h: 4, x: 8, t: 8, d: 8 };

/** The state of a count: more elements follow, all are counted, or a limit is exceeded. */
export type CountState = "unfinished" | "counted" | "exceeded";

/**
 * Counts the elements of a body without decoding it, in steps. It allocates nothing per element. Every value counts as
 * one element, but a struct and an array as two, a dictionary and a byte array as four, also if they are empty. A text
 * key that begins with a digit counts as sixteen. A variant counts as one more for every 8 characters of its signature. Fixed-size numbers in an array are counted without reading them.
 *
 * A malformed body is counted up to its first error. The decoder then reports the error.
 */
export class ElementCount {
  /** Elements counted so far. */
  elements = 0;
  /** Time that decoding takes, in the time for one element: also long texts take time. */
  work = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #littleEndian: boolean;
  readonly #maxElements: number;
  #offset: number;
  /** Open containers. Each has the types of its next values; an array repeats them up to its end. */
  readonly #types: (readonly Type[])[] = [];
  readonly #nextIndexes: number[] = [];
  /** End of each open array; 0 for a container that is not an array. */
  readonly #arrayEnds: number[] = [];
  readonly #signatures = new Map<string, Type | undefined>();
  #isExceeded = false;

  /**
   * @param bytes - The whole message.
   * @param offset - Offset of the first value.
   * @param maxElements - Number of elements above which counting ends.
   */
  constructor(
    bytes: Uint8Array,
    littleEndian: boolean,
    offset: number,
    types: readonly Type[],
    maxElements = Number.POSITIVE_INFINITY,
  ) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#littleEndian = littleEndian;
    this.#offset = offset;
    this.#maxElements = maxElements;
    this.#open(types, 0);
  }

  /** Offset up to which values are counted. */
  get offset(): number {
    return this.#offset;
  }

  /** Counts on, for at most about this number of elements. */
  run(steps = Number.POSITIVE_INFINITY): CountState {
    for (let step = 0; this.#types.length > 0; step++) {
      if (step >= steps) return "unfinished";
      if (!this.#next()) break;
      if (this.#isExceeded || this.elements > this.#maxElements) return "exceeded";
    }
    this.work += this.elements;
    return "counted";
  }

  /** Counts the next value. Returns false if the body is malformed. */
  #next(): boolean {
    const top = this.#types.length - 1;
    const types = this.#types[top] ?? [];
    const index = this.#nextIndexes[top] ?? 0;
    if (index < types.length) {
      const type = types[index];
      const isArray = (this.#arrayEnds[top] ?? 0) > 0;
      // The key of a dict entry is the first of two types; an array of others has one.
      if (isArray && index === 0 && types.length === 2) this.#align(8);
      this.#nextIndexes[top] = index + 1;
      return type !== undefined && this.#value(type, isArray && index === 0 && types.length === 2);
    }
    if (this.#offset < (this.#arrayEnds[top] ?? 0)) this.#nextIndexes[top] = 0;
    else {
      this.#types.pop();
      this.#nextIndexes.pop();
      this.#arrayEnds.pop();
    }
    return true;
  }

  #value(type: Type, isKey: boolean): boolean {
    this.elements++;
    switch (type.kind) {
      case "basic":
        return this.#basic(type.code, isKey);
      case "variant":
        return this.#variant();
      case "struct":
        this.elements += CONTAINER_ELEMENTS - 1;
        this.#align(8);
        return this.#open(type.fields, 0);
      case "array":
        return this.#array(type.element);
      case "dict":
        this.elements += DICTIONARY_ELEMENTS - 1;
        return this.#openArray([type.key, type.value], 8);
    }
  }

  #basic(code: string, isKey: boolean): boolean {
    const size = FIXED_SIZES[code];
    if (size !== undefined) {
      this.#align(size);
      return this.#skip(size);
    }
    const length = code === "g" ? this.#u8() : this.#u32();
    if ((isKey || code === "o") && length > MAX_RECEIVED_NAME_LENGTH) this.#isExceeded = true;
    if (isKey && code === "s" && isDigit(this.#bytes[this.#offset])) this.elements += NUMBERED_KEY_ELEMENTS - 1;
    this.work += Math.floor(length / TEXT_BYTES_PER_ELEMENT);
    return this.#skip(length + 1);
  }

  #variant(): boolean {
    const length = this.#u8();
    const start = this.#offset;
    if (!this.#skip(length + 1)) return false;
    this.elements += Math.floor(length / SIGNATURE_CHARACTERS_PER_ELEMENT);
    const type = this.#typeOf(start, length);
    return type !== undefined && this.#open([type], 0);
  }

  #array(element: Type): boolean {
    const size = element.kind === "basic" ? FIXED_SIZES[element.code] : undefined;
    this.elements += (size === 1 ? BYTE_ARRAY_ELEMENTS : CONTAINER_ELEMENTS) - 1;
    if (size === undefined) return this.#openArray([element], alignmentOf(element));
    const length = this.#u32();
    this.#align(size);
    if (size > 1) this.elements += Math.ceil(length / size);
    return this.#skip(length);
  }

  #openArray(types: readonly Type[], alignment: number): boolean {
    const length = this.#u32();
    this.#align(alignment);
    if (this.#offset + length > this.#bytes.length) return false;
    return length === 0 || this.#open(types, this.#offset + length);
  }

  #open(types: readonly Type[], arrayEnd: number): boolean {
    // Two containers per level: a dict entry or struct inside an array.
    if (this.#types.length > 2 * MAX_VALUE_DEPTH) return false;
    this.#types.push(types);
    this.#nextIndexes.push(0);
    this.#arrayEnds.push(arrayEnd);
    return true;
  }

  #typeOf(start: number, length: number): Type | undefined {
    const signature = String.fromCharCode(...this.#bytes.subarray(start, start + length));
    if (this.#signatures.has(signature)) return this.#signatures.get(signature);
    const read = readSignature(signature);
    const type = read.ok && read.types.length === 1 ? read.types[0] : undefined;
    if (this.#signatures.size < MAX_REMEMBERED_SIGNATURES) this.#signatures.set(signature, type);
    return type;
  }

  #align(alignment: number): void {
    this.#offset = (this.#offset + alignment - 1) & -alignment;
  }

  #u8(): number {
    if (this.#offset >= this.#bytes.length) return 0;
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

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

function alignmentOf(type: Type): number {
  if (type.kind === "struct") return 8;
  if (type.kind === "variant") return 1;
  if (type.kind === "basic") return FIXED_SIZES[type.code] ?? (type.code === "g" ? 1 : 4);
  return 4;
}
