import { Variant } from "../../runtime/core/index.ts";
import { readSignature, type Type } from "../../runtime/core/wire/signature.ts";
import type { Random } from "./mutate.ts";

const TEXTS = ["", "a", "text", "grüße", "\u{1f3b5}", "x".repeat(100), "__proto__", "10", "\ufffd", "\ufeff"];
const BASIC_CODES = [..."ybnqiuxtdsog"];

/** Returns a random signature of one to three complete types. */
export function randomSignature(random: Random): string {
  return Array.from({ length: 1 + random.below(3) }, () => randomType(random, 4)).join("");
}

function randomType(random: Random, depth: number): string {
  const inner = (): string => randomType(random, depth - 1);
  switch (depth === 0 ? 0 : random.below(6)) {
    case 1:
      return "v";
    case 2:
      return `a${inner()}`;
    case 3:
      return `(${Array.from({ length: 1 + random.below(3) }, inner).join("")})`;
    case 4:
      return `a{${random.of(BASIC_CODES)}${inner()}}`;
    default:
      return random.of(BASIC_CODES);
  }
}

/** Returns a random value of a type, in the form that the decoder returns. */
export function randomValue(type: Type, random: Random): unknown {
  const several = <T>(make: () => T): T[] => Array.from({ length: random.below(4) }, make);
  switch (type.kind) {
    case "basic":
      return randomBasic(type.code, random);
    case "variant": {
      const read = readSignature(random.of(["y", "s", "as", "(sv)", "a{sv}", "ay", "t"]));
      const [inner] = read.ok ? read.types : [];
      return inner === undefined ? undefined : new Variant(inner.signature, randomValue(inner, random));
    }
    case "array":
      if (type.signature === "ay") return Uint8Array.from(several(() => random.below(256)));
      return several(() => randomValue(type.element, random));
    case "struct":
      return type.fields.map((field) => randomValue(field, random));
    case "dict": {
      const entries = several(() => [randomBasic(type.key.code, random), randomValue(type.value, random)] as const);
      return type.key.code === "s" ? Object.fromEntries(entries) : new Map(entries);
    }
  }
}

function randomBasic(code: string, random: Random): unknown {
  if (code === "s") return random.of(TEXTS);
  if (code === "o") return random.of(["/", "/a", "/a/b_1"]);
  if (code === "g") return random.of(["", "s", "a{sv}"]);
  if (code === "b") return random.below(2) === 1;
  if (code === "x" || code === "t") return BigInt(random.below(2 ** 31)) ** 2n;
  return code === "d" ? random.of([0, -1.5, Number.NaN, Number.POSITIVE_INFINITY]) : random.below(128);
}
