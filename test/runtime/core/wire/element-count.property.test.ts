import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Variant } from "../../../../runtime/core/index.ts";
import { bodyCodec } from "../../../../runtime/core/wire/arguments-codec.ts";
import { ElementCount } from "../../../../runtime/core/wire/element-count.ts";
import { readSignature, type Type } from "../../../../runtime/core/wire/signature.ts";
import { Writer } from "../../../../runtime/core/wire/writer.ts";
import { Random } from "../../../fuzz/mutate.ts";
import { randomSignature, randomValue } from "../../../fuzz/random-values.ts";
import { runs } from "../../../setup/runs.ts";

function typesOf(signature: string): readonly Type[] {
  const read = readSignature(signature);
  if (!read.ok) throw new Error(`${signature} is not a signature`);
  return read.types;
}

/** Returns a count of values that are encoded after 16 bytes, as after a header. */
function countOf(signature: string, values: readonly unknown[], maxElements?: number): ElementCount {
  const writer = new Writer();
  writer.bytes(new Uint8Array(16));
  bodyCodec(signature).encode(writer, values);
  return new ElementCount(writer.copyBytes(), true, 16, typesOf(signature), maxElements);
}

const inner = (value: unknown): number => (value instanceof Variant ? elementsOf(value.signature, value.value) : 0);

/** Counts the elements of a value by walking through it. */
function elementsOf(signature: string, value: unknown): number {
  const [type] = typesOf(signature);
  if (type?.kind === "variant") {
    return 1 + (value instanceof Variant ? value.signature.length >> 3 : 0) + inner(value);
  }
  if (signature === "ay") return 4;
  if (type?.kind === "array" && Array.isArray(value)) {
    return value.reduce((sum: number, item) => sum + elementsOf(type.element.signature, item), 2);
  }
  if (type?.kind === "struct" && Array.isArray(value)) {
    return type.fields.reduce((sum, field, index) => sum + elementsOf(field.signature, value[index]), 2);
  }
  if (type?.kind !== "dict") return 1;
  const entries: [unknown, unknown][] = value instanceof Map ? [...value] : Object.entries(Object(value));
  return entries.reduce((sum, [key, item]) => {
    const isNumbered = type.key.code === "s" && /^[0-9]/.test(String(key));
    return sum + (isNumbered ? 16 : 1) + elementsOf(type.value.signature, item);
  }, 4);
}

test("counts the elements of any value, in steps of any size", () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 20 }), (seed, step) => {
      const random = new Random(seed);
      const signature = randomSignature(random);
      const values = typesOf(signature).map((type) => randomValue(type, random));
      const count = countOf(signature, values);
      while (count.run(step) === "unfinished");
      const expected = typesOf(signature).reduce(
        (sum, type, index) => sum + elementsOf(type.signature, values[index]),
        0,
      );
      expect(count.elements).toBe(expected);
    }),
    { numRuns: runs(300) },
  );
});

describe("a count ends", () => {
  test("above the given number of elements", () => {
    const count = countOf("as", [new Array(1000).fill("")], 100);
    expect([count.run(), count.elements]).toEqual(["exceeded", 101]);
  });

  test.each([
    ["a path", "o", "/a".repeat(2 ** 15 + 1)],
    ["a key", "a{sy}", { [`${"k".repeat(2 ** 16 + 1)}`]: 1 }],
  ])("at %s of more than 64 KiB", (_, signature, value) => {
    expect(countOf(signature, [value]).run()).toBe("exceeded");
  });

  test("at the first error of a malformed body, which the decoder reports", () => {
    const bytes = Uint8Array.from([...new Array(16).fill(0), 0xff, 0xff, 0xff, 0x7f, 1, 2, 3, 4]);
    for (const signature of ["s", "as", "a(y)", "a{sv}", "au", "v", "g", "o", "t", "(ss)"]) {
      expect(new ElementCount(bytes, true, 16, typesOf(signature)).run()).toBe("counted");
    }
  });
});
