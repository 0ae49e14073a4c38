import { readSignature, type Type } from "../../../runtime/core/wire/signature.ts";
import { mutateMessage } from "../messages.ts";
import { Random } from "../mutate.ts";
import { randomSignature } from "../random-values.ts";

const TEXTS = ["", "a", "text", "grüße", "\u{1f3b5}", "x".repeat(100), "__proto__", "10", "9", "\ufffd", "\ufeff"];
const PATHS = ["/", "/a", "/a/b_1", "/org/freedesktop/DBus/Local"];
const SIGNATURES = ["", "s", "a{sv}", "(yv)", "aay", "y".repeat(255), `${"a".repeat(32)}y`];
const VARIANTS = ["y", "s", "as", "(sv)", "a{sv}", "ay", "t", "v", "a{yv}", "o", "ad", "aav", "h"];
const BASIC_SIZES: Readonly<Record<string, 1 | 2 | 4 | 8>> = { y: 1, n: 2, q: 2, b: 4, i: 4, u: 4, x: 8, t: 8, d: 8 };
/** Bit patterns of numbers that matter: zero, one, limits, infinities and NaN. */
const BITS = [
  0n,
  1n,
  0x7fn,
  0x80n,
  0xffn,
  0x7fff_ffffn,
  0x8000_0000n,
  2n ** 63n,
  2n ** 64n - 1n,
  0x7ff0n << 48n,
  0x7ff8n << 48n,
];

/**
 * Returns the message of a seed, in little or big endian, valid or mutated. It is written by separate code, so that an
 * error of the codec cannot hide itself. Dictionaries may repeat keys.
 */
export function randomMessage(seed: number): Uint8Array {
  const random = new Random(seed);
  const bytes = new MessageWriter(random).message();
  let mutated = Buffer.from(bytes);
  // Half of the messages stay valid.
  for (let count = random.below(2) * (1 + random.below(3)); count > 0; count--)
    mutated = Buffer.from(mutateMessage(mutated, random));
  return mutated;
}

class MessageWriter {
  readonly #random: Random;
  readonly #bigEndian: boolean;
  #bytes: number[] = [];

  constructor(random: Random) {
    this.#random = random;
    this.#bigEndian = random.below(2) === 1;
  }

  message(): Uint8Array {
    const random = this.#random;
    const signature = random.below(6) === 0 ? "" : randomSignature(random);
    const type = random.of([1, 2, 3, 4, 4, 9]);
    this.#bytes = [(this.#bigEndian ? "B" : "l").charCodeAt(0), type, random.below(8), 1];
    this.#number(0n, 4);
    this.#number(BigInt(1 + random.below(1000)), 4);
    this.#sized(8, () => this.#fields(type, signature));
    this.#align(8);
    const bodyStart = this.#bytes.length;
    for (const member of typesOf(signature)) this.#value(member, 6);
    this.#patch(4, this.#bytes.length - bodyStart);
    return Uint8Array.from(this.#bytes);
  }

  #fields(type: number, signature: string): void {
    const random = this.#random;
    const isCall = type === 1 || type === 4;
    const all: readonly (readonly [code: number, type: string, value: string | number, isUsed: boolean])[] = [
      [1, "o", random.of(["/", "/a/b"]), isCall],
      [2, "s", random.of(["a.b", "org.example.Test1"]), isCall],
      [3, "s", random.of(["M", "Get_2"]), isCall],
      [4, "s", "a.b.Error", type === 3],
      [5, "u", 1 + random.below(100), type === 2 || type === 3],
      [6, "s", random.of([":1.2", "a.b-c"]), random.below(2) === 0],
      [7, "s", random.of([":1.2", "a.b-c"]), random.below(2) === 0],
      [8, "g", signature, signature !== "" || random.below(2) === 0],
      [9, "u", random.below(2), random.below(50) === 0],
      [100, "s", "of a later version", random.below(8) === 0],
    ];
    const used = all.filter(([, , , isUsed]) => isUsed);
    if (random.below(2) === 0) used.reverse();
    for (const [code, fieldType, value] of used) {
      this.#align(8);
      this.#bytes.push(code);
      this.#signature(fieldType);
      if (typeof value === "number") this.#number(BigInt(value), 4);
      else if (fieldType === "g") this.#signature(value);
      else this.#text(value);
    }
  }

  #value(type: Type, depth: number): void {
    const random = this.#random;
    const count = depth <= 0 ? 0 : random.below(4);
    switch (type.kind) {
      case "basic":
        this.#basic(type.code);
        return;
      case "variant": {
        const signature = depth <= 0 ? "y" : random.of(VARIANTS);
        this.#signature(signature);
        for (const inner of typesOf(signature)) this.#value(inner, depth - 1);
        return;
      }
      case "struct":
        this.#align(8);
        for (const field of type.fields) this.#value(field, depth - 1);
        return;
      case "array":
        this.#sized(alignmentOf(type.element), () => {
          for (let index = 0; index < count; index++) this.#value(type.element, depth - 1);
        });
        return;
      case "dict":
        this.#sized(8, () => {
          for (let index = 0; index < count; index++) {
            this.#align(8);
            this.#basic(type.key.code);
            this.#value(type.value, depth - 1);
          }
        });
    }
  }

  #basic(code: string): void {
    const random = this.#random;
    if (code === "s") this.#text(random.of(TEXTS));
    else if (code === "o") this.#text(random.of(PATHS));
    else if (code === "g") this.#signature(random.of(SIGNATURES));
    else this.#number(code === "b" ? BigInt(random.below(2)) : random.of(BITS), BASIC_SIZES[code] ?? 4);
  }

  #sized(alignment: number, write: () => void): void {
    this.#number(0n, 4);
    const at = this.#bytes.length - 4;
    this.#align(alignment);
    const start = this.#bytes.length;
    write();
    this.#patch(at, this.#bytes.length - start);
  }

  #text(text: string): void {
    const bytes = Buffer.from(text);
    this.#number(BigInt(bytes.length), 4);
    this.#bytes.push(...bytes, 0);
  }

  #signature(text: string): void {
    this.#bytes.push(text.length, ...Buffer.from(text), 0);
  }

  #number(value: bigint, size: 1 | 2 | 4 | 8): void {
    this.#align(size);
    this.#bytes.push(...this.#encoded(value, size));
  }

  #patch(at: number, value: number): void {
    this.#bytes.splice(at, 4, ...this.#encoded(BigInt(value), 4));
  }

  #encoded(value: bigint, size: number): number[] {
    const bytes = Array.from({ length: size }, (_, index) => Number((value >> BigInt(8 * index)) & 0xffn));
    return this.#bigEndian ? bytes.reverse() : bytes;
  }

  #align(alignment: number): void {
    while (this.#bytes.length % alignment !== 0) this.#bytes.push(0);
  }
}

function typesOf(signature: string): readonly Type[] {
  const read = readSignature(signature);
  return read.ok ? read.types : [];
}

function alignmentOf(type: Type): number {
  if (type.kind === "basic") return BASIC_SIZES[type.code] ?? (type.code === "g" ? 1 : 4);
  return type.kind === "struct" ? 8 : type.kind === "variant" ? 1 : 4;
}
