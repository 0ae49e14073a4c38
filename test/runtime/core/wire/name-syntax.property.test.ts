import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  isBusName,
  isErrorName,
  isHeaderBusName,
  isInterfaceName,
  isMemberName,
  isObjectPath,
  isPropertyName,
} from "../../../../runtime/core/wire/name-syntax.ts";
import { runs } from "../../../setup/runs.ts";

const MIB = 2 ** 20;
const isShort = (name: string): boolean => name.length <= 255;

/** The grammar of the D-Bus specification, "Valid Names", as regular expressions. They need stack for long texts. */
const REFERENCES = {
  member: /^[A-Za-z_][A-Za-z0-9_]*$/,
  /** Grammar of GObject property names, which the D-Bus specification does not define. */
  property: /^[A-Za-z_][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)*$/,
  interface: /^[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)+$/,
  bus: /^(?:[A-Za-z_-][A-Za-z0-9_-]*(?:\.[A-Za-z_-][A-Za-z0-9_-]*)+|:[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+)$/,
  /** Grammar that libdbus accepts: a unique name needs no dot, and its first element may be empty. */
  receivedBus:
    /^(?:[A-Za-z_-][A-Za-z0-9_-]*(?:\.[A-Za-z_-][A-Za-z0-9_-]*)+|:(?:\.?[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)?)$/,
  path: /^\/(?:[A-Za-z0-9_]+(?:\/[A-Za-z0-9_]+)*)?$/,
};

/** Generator of short texts that are similar to names, with the characters that decide whether a name is valid. */
const nearNames = fc.string({ unit: fc.constantFrom(..."/.:-_aZ09", "\n", "é", "\0", "\u0141"), maxLength: 12 });
const longNames = fc
  .tuple(fc.array(fc.constantFrom("a", "a.b", "A_9", "/x", "-"), { maxLength: 300 }), fc.constantFrom("", ".", "/"))
  .map(([parts, separator]) => parts.join(separator));

test.each([
  ["member names", isMemberName, (text: string) => isShort(text) && REFERENCES.member.test(text)],
  ["property names", isPropertyName, (text: string) => isShort(text) && REFERENCES.property.test(text)],
  ["interface names", isInterfaceName, (text: string) => isShort(text) && REFERENCES.interface.test(text)],
  ["error names", isErrorName, (text: string) => isShort(text) && REFERENCES.interface.test(text)],
  ["bus names", isBusName, (text: string) => isShort(text) && REFERENCES.bus.test(text)],
  ["bus names in headers", isHeaderBusName, (text: string) => isShort(text) && REFERENCES.receivedBus.test(text)],
  ["object paths", isObjectPath, (text: string) => REFERENCES.path.test(text)],
] as const)("accepts the same %s as the grammar of the specification", (_, isValid, isInGrammar) => {
  fc.assert(
    fc.property(fc.oneof(nearNames, longNames), (text) => {
      expect(isValid(text)).toBe(isInGrammar(text));
    }),
    { numRuns: runs(1500) },
  );
});

test.each([
  [":", true],
  [":a", true],
  [":.a", true],
  [":.", false],
  [":..a", false],
  [".a", false],
])("%s is a bus name in a header: %s", (name, expected) => {
  expect(isHeaderBusName(name)).toBe(expected);
});

test.each([isMemberName, isPropertyName])("%o accepts 255 characters, but not 256", (isValid) => {
  expect([255, 256].map((length) => isValid("a".repeat(length)))).toEqual([true, false]);
});

describe("texts that are too long for the stack of a regular expression", () => {
  test.each([
    ["a path of one element", isObjectPath, `/${"a".repeat(8 * MIB)}`, true],
    ["a path of many elements", isObjectPath, "/a".repeat(4 * MIB), true],
    ["a path with an invalid last character", isObjectPath, `${"/a".repeat(4 * MIB)}-`, false],
    ["a path that ends with a slash", isObjectPath, `${"/a".repeat(4 * MIB)}/`, false],
    ["a member name", isMemberName, "a".repeat(8 * MIB), false],
    ["a property name", isPropertyName, `a${"-a".repeat(4 * MIB)}`, false],
    ["an interface name", isInterfaceName, `a${".a".repeat(4 * MIB)}`, false],
    ["a bus name", isBusName, `:1${".1".repeat(4 * MIB)}`, false],
  ])("%s", (_, isValid, text, expected) => {
    expect(isValid(text)).toBe(expected);
  });
});
