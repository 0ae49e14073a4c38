import { expect, test } from "vitest";
import { Writer } from "../../../../runtime/core/wire/writer.ts";

test("padding takes more memory if the memory of earlier messages ends before it", () => {
  const writer = new Writer();
  writer.u8(1);
  writer.takeBytes();
  writer.bytes(new Uint8Array(1022).fill(7));
  writer.align(8);
  expect([...writer.copyBytes(1021)]).toEqual([7, 0, 0]);
});
