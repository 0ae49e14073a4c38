import fc from "fast-check";
import { expect, test } from "vitest";
import { addressText, parseAddress } from "../../../generator/catalogue/resolve/index.ts";

test.each([
  ["192.0.2.1", 2, [192, 0, 2, 1]],
  ["::", 10, Array.from({ length: 16 }, () => 0)],
  ["2001:db8::1", 10, [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]],
  ["::ffff:192.0.2.1", 10, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1]],
] as const)("%s has its family and bytes, and the bytes have its text", (text, family, bytes) => {
  const address = Uint8Array.from(bytes);
  expect(parseAddress(text)).toEqual({ family, address });
  expect(addressText(address)).toBe(text);
});

test("each address is equal after its conversion to text", () => {
  const addresses = fc.oneof(...[4, 16].map((length) => fc.uint8Array({ minLength: length, maxLength: length })));
  fc.assert(
    fc.property(addresses, (address) => void expect(parseAddress(addressText(address)).address).toEqual(address)),
  );
});

test.each(["", "example.org", "1.2.3", "fe80::1%eth0", "[::1]", "::1]/x", "1.2.3.4:53"])("%j is no address", (text) => {
  expect(() => parseAddress(text)).toThrow(TypeError);
});

test.each([0, 3, 17])("%i bytes are no address", (length) => {
  expect(() => addressText(new Uint8Array(length))).toThrow(RangeError);
});
