import fc from "fast-check";
import { expect, test } from "vitest";
import { Variant } from "../../../../runtime/core/index.ts";
import type { Type } from "../../../../runtime/core/wire/signature.ts";
import { Random } from "../../../fuzz/mutate.ts";
import { randomSignature, randomValue } from "../../../fuzz/random-values.ts";
import { runs } from "../../../setup/runs.ts";
import { costOf, typesOf } from "../fixtures/decoding-cost.ts";

/** Returns the memory of a value in a container, without the keys of its dictionaries. */
function bytesOf(type: Type, value: unknown): number {
  if (type.kind === "basic") return 8 + basicBytes(type.code, value);
  if (type.kind === "variant" && value instanceof Variant) return 40 + contentBytes(value);
  if (value instanceof Uint8Array) return value.length === 0 ? 40 - 32 : 208 + value.length;
  if (type.kind === "array" && Array.isArray(value)) {
    const isFixed = "nqiubhxtd".includes(type.element.signature);
    const items = value.map((item) => (isFixed ? fixedBytes(type.element.signature) : bytesOf(type.element, item)));
    return sum([8, value.length === 0 ? 32 : 48, ...items]);
  }
  if (type.kind === "struct" && Array.isArray(value))
    return sum([8, 48, ...type.fields.map((field, index) => bytesOf(field, value[index]))]);
  if (type.kind !== "dict") throw new Error(`${String(value)} is not of type ${type.signature}`);
  if (!(value instanceof Map))
    return sum([8, 56, ...Object.values(Object(value)).map((item) => bytesOf(type.value, item))]);
  return sum([8, 184, ...[...value].map(([key, item]) => 24 + bytesOf(type.key, key) + bytesOf(type.value, item))]);
}

function contentBytes({ signature, value }: Variant): number {
  const [type] = typesOf(signature);
  if (type === undefined) throw new Error(`${signature} is not a signature`);
  return bytesOf(type, value);
}

const fixedBytes = (code: string): number => ("xt".includes(code) ? 32 : 8);

function basicBytes(code: string, value: unknown): number {
  if (typeof value === "string") return textBytes(value);
  if (code === "d") return 16;
  return "xt".includes(code) ? 24 : 0;
}

function textBytes(text: string): number {
  const length = Buffer.byteLength(text);
  return length < 2 ? 0 : 16 + Math.ceil(length / 8) * 8;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/**
 * Returns the memory of all keys of records in a value: the minimum, if all key sequences are known, and the maximum,
 * if all are new.
 */
function keyBytesOf(value: unknown): { least: number; most: number } {
  const total = { least: 0, most: 0 };
  const visit = (item: unknown): void => {
    if (item instanceof Variant) visit(item.value);
    else if (Array.isArray(item)) for (const inner of item) visit(inner);
    else if (item instanceof Map) for (const inner of item.values()) visit(inner);
    else if (typeof item === "object" && item !== null && !(item instanceof Uint8Array)) {
      for (const [key, inner] of Object.entries(item)) {
        const numbered = /^[0-9]/.test(key) ? 344 : 0;
        total.least += numbered;
        total.most += numbered + 120 + textBytes(key);
        visit(inner);
      }
    }
  };
  visit(value);
  return total;
}

test("computes the memory of any value, in steps of any size", () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 20 }), (seed, step) => {
      const random = new Random(seed);
      const signature = randomSignature(random);
      const values = typesOf(signature).map((type) => randomValue(type, random));
      const cost = costOf(signature, values);
      while (cost.run(step) === "unfinished");
      const expected = sum(typesOf(signature).map((type, index) => bytesOf(type, values[index])));
      const keys = keyBytesOf(values);
      expect(cost.decodedBytes).toBeGreaterThanOrEqual(expected + keys.least);
      expect(cost.decodedBytes).toBeLessThanOrEqual(expected + keys.most);
    }),
    { numRuns: runs(300) },
  );
});
