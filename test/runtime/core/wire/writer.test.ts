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

test("only open file descriptors are written, and as many as are allowed", () => {
  const writer = new Writer();
  expect(() => writer.descriptor(0)).toThrow("file descriptors");
  writer.maxDescriptors = 1;
  expect(() => writer.descriptor(1_000_000)).toThrow("expected an open file descriptor, got 1000000");
  writer.descriptor(0);
  expect(() => writer.descriptor(0)).toThrow("a message carries at most 1 file descriptors");
  expect(writer.descriptors).toEqual([0]);
});
