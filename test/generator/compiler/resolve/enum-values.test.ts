import { Diagnostics } from "dbus-codegen-ts";
import { expect, test } from "vitest";
import { analyze } from "../../../../generator/compiler/analyze.ts";
import { spec } from "../../support.ts";

/** Returns the value of an enum with one value, or the message of its problem. */
function read(type: string, value: string): unknown {
  const content = spec(
    `<tp:enum name="E" type="${type}"><tp:enumvalue suffix="A" value="${value}"/></tp:enum><property name="P" type="${type}" tp:type="E" access="read"/>`,
  );
  const diagnostics = new Diagnostics();
  const { interfaces } = analyze([{ path: "a.xml", content }], diagnostics).ir;
  const used = interfaces[0]?.properties[0]?.type;
  const enumeration = used?.kind === "named" && used.type.kind === "enum" ? used.type : undefined;
  return enumeration?.values[0]?.value ?? diagnostics.sorted()[0]?.message;
}

test.each<readonly [string, readonly (readonly [string, number | bigint])[], readonly string[]]>([
  [
    "y",
    [
      ["0", 0],
      ["255", 255],
      ["0xff", 255],
      ["-0", 0],
    ],
    ["-1", "256", "0x100", "1.5", "", "a", "+1", " 1"],
  ],
  [
    "n",
    [
      ["-32768", -32768],
      ["32767", 32767],
    ],
    ["-32769", "32768"],
  ],
  [
    "q",
    [
      ["0", 0],
      ["65535", 65535],
    ],
    ["-1", "65536"],
  ],
  [
    "i",
    [
      ["-2147483648", -2147483648],
      ["2147483647", 2147483647],
      ["-0x80000000", -2147483648],
    ],
    ["-2147483649", "2147483648"],
  ],
  [
    "u",
    [
      ["0", 0],
      ["4294967295", 4294967295],
    ],
    ["-1", "4294967296"],
  ],
  [
    "x",
    [
      ["-9223372036854775808", -(2n ** 63n)],
      ["9223372036854775807", 2n ** 63n - 1n],
    ],
    ["-9223372036854775809", "9223372036854775808"],
  ],
  [
    "t",
    [
      ["0", 0n],
      ["18446744073709551615", 2n ** 64n - 1n],
    ],
    ["-1", "18446744073709551616"],
  ],
])("an enum of type %s has the values of its type only", (type, valid, invalid) => {
  for (const [text, value] of valid) expect(read(type, text)).toEqual(value);
  for (const text of invalid) expect(read(type, text)).toBe(`"${text}" is not a value of type "${type}"`);
});
