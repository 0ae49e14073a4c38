import fc from "fast-check";

const SURROGATES = { first: 0xd800, count: 0x800 } as const;

/** Any Unicode character. The unit "binary" of fast-check has the same values, but each use of it takes half a second. */
const character = fc
  .integer({ min: 0, max: 0x10ffff - SURROGATES.count })
  .map((index) => String.fromCodePoint(index < SURROGATES.first ? index : index + SURROGATES.count));

/** Returns an arbitrary of texts of any Unicode characters. */
export function anyText(constraints: fc.StringConstraints = {}): fc.Arbitrary<string> {
  return fc.string({ ...constraints, unit: character });
}
