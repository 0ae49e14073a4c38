import type { Diagnostics } from "../diagnostics/diagnostic.ts";
import type { EnumDefinition, EnumValue, Text } from "../read/introspection.ts";
import { shorten } from "../text/shorten.ts";
import type { EnumMember } from "./ir.ts";
import { readDoc } from "./markup.ts";
import { reportRepeated } from "./typed-member.ts";

const RANGES: Readonly<Record<string, readonly [min: bigint, max: bigint]>> = {
  y: [0n, 0xffn],
  n: [-0x8000n, 0x7fffn],
  q: [0n, 0xffffn],
  i: [-0x80000000n, 0x7fffffffn],
  u: [0n, 0xffffffffn],
  x: [-(2n ** 63n), 2n ** 63n - 1n],
  t: [0n, 2n ** 64n - 1n],
};

/**
 * Parses the value of an enum or flag, which is decimal or hexadecimal. Returns a bigint for the 64-bit types `x` and
 * `t`, a number for other types, and undefined if the text is not an integer in the range of the type.
 */
function readInteger({ value }: EnumValue, code: string): number | bigint | undefined {
  if (!/^-?(?:\d{1,20}|0x[0-9a-fA-F]{1,16})$/.test(value.value)) return undefined;
  const isNegative = value.value.startsWith("-");
  const integer = BigInt(isNegative ? value.value.slice(1) : value.value) * (isNegative ? -1n : 1n);
  const [min, max] = RANGES[code] ?? [0n, 0n];
  if (integer < min || integer > max) return undefined;
  return code === "x" || code === "t" ? integer : Number(integer);
}

/** Returns the values of an enum or flags with a type code. Reports values that do not fit the type. */
export function enumMembers(definition: EnumDefinition, code: string, diagnostics: Diagnostics): readonly EnumMember[] {
  const seen = new Map<string, Text>();
  return definition.values.flatMap((value) => {
    reportRepeated(seen, value.name, `the value "${shorten(value.name.value)}"`, diagnostics);
    const integer = code === "s" ? value.value.value : readInteger(value, code);
    if (integer === undefined) {
      const message = `"${shorten(value.value.value)}" is not a value of type "${code}"`;
      diagnostics.report("type-definition", value.value.span, message);
      return [];
    }
    return [{ name: value.name.value, value: integer, doc: readDoc(value.docs), span: value.span }];
  });
}
