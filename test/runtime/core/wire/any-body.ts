import fc from "fast-check";
import { Variant } from "../../../../runtime/core/index.ts";
import { anyText } from "../../../setup/any-text.ts";

/** A value with its D-Bus type. */
export interface Typed {
  readonly type: string;
  readonly value: unknown;
}
type TypeArbitrary = fc.Arbitrary<{ readonly type: string; readonly values: fc.Arbitrary<unknown> }>;

const text = anyText().filter((value) => !value.includes("\0"));
const path = fc.array(fc.stringMatching(/^[A-Za-z0-9_]{1,5}$/), { maxLength: 4 }).map((parts) => `/${parts.join("/")}`);
const BASIC: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  y: fc.integer({ min: 0, max: 0xff }),
  b: fc.boolean(),
  n: fc.integer({ min: -0x8000, max: 0x7fff }),
  q: fc.integer({ min: 0, max: 0xffff }),
  i: fc.integer(),
  u: fc.integer({ min: 0, max: 0xffff_ffff }),
  x: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  t: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  d: fc.double(),
  s: text,
  o: path,
  g: fc.constantFrom("", "s", "a{sv}", "(ii)as", "aaay"),
};

const basic: TypeArbitrary = fc
  .constantFrom(...Object.keys(BASIC))
  .map((type) => ({ type, values: BASIC[type] ?? fc.constant(undefined) }));
const { any } = fc.letrec<{ any: { type: string; values: fc.Arbitrary<unknown> } }>((tie) => ({
  any: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    basic,
    tie("any").map(({ type, values }) => ({ type: `a${type}`, values: arrayOf(type, values) })),
    fc.array(tie("any"), { minLength: 1, maxLength: 4 }).map((fields) => ({
      type: `(${fields.map(({ type }) => type).join("")})`,
      values: fc.tuple(...fields.map(({ values }) => values)),
    })),
    tie("any").map(({ type, values }) => ({
      type: `a{s${type}}`,
      values: fc.dictionary(text, values, { noNullPrototype: false }).map(nullPrototype),
    })),
    fc
      .tuple(
        basic.filter(({ type }) => type !== "s"),
        tie("any"),
      )
      .map(([key, value]) => ({
        type: `a{${key.type}${value.type}}`,
        values: fc.array(fc.tuple(key.values, value.values), { maxLength: 4 }).map((entries) => new Map(entries)),
      })),
    tie("any").map(({ type, values }) => ({ type: "v", values: values.map((value) => new Variant(type, value)) })),
  ),
}));

const arrayOf = (type: string, values: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  type === "y" ? fc.uint8Array() : fc.array(values, { maxLength: 4 });
const nullPrototype = (value: object): object => Object.assign(Object.create(null), value);
/** Generator of message bodies with values of any types. */
export const body: fc.Arbitrary<readonly Typed[]> = fc
  .array(
    any.chain(({ type, values }) => values.map((value) => ({ type, value }))),
    { maxLength: 4 },
  )
  .filter((args) => args.map(({ type }) => type).join("").length <= 255);
