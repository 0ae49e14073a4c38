import fc from "fast-check";
import { expect, test } from "vitest";
import { netmaskOf, prefixLengthOf } from "../../../../../runtime/connman/adapters/network/netmask.ts";

test.each([
  ["0.0.0.0", 0],
  ["255.255.255.0", 24],
  ["255.255.255.128", 25],
  ["255.255.255.255", 32],
  ["255.0.255.0", undefined],
  ["24", undefined],
  ["", undefined],
])("the prefix length of %j is %j", (netmask, expected) => {
  expect(prefixLengthOf(netmask)).toBe(expected);
});

test("the netmask of each prefix length has this prefix length", () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 32 }), (length) => prefixLengthOf(netmaskOf(length)) === length));
});
