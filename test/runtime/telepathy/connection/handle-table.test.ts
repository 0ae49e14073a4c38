import { LimitsExceededError } from "@dbus-codegen-ts/runtime";
import { expect, test } from "vitest";
import { HandleTable } from "../../../../runtime/telepathy/connection/handle-table.ts";

test("a full table refuses new handles and returns existing ones", () => {
  const table = new HandleTable({ maxHandles: 3 });
  expect(table.ensure(["a", "b"])).toEqual([1, 2]);
  expect(() => table.ensure(["c", "a", "d"])).toThrow(LimitsExceededError);
  expect([table.size, table.lookup("c")]).toEqual([2, undefined]);
  expect(table.ensure(["c", "a", "c", "c"])).toEqual([3, 1, 3, 3]);
  expect(table.ensure(["b", "c"])).toEqual([2, 3]);
  expect(() => table.ensure(["d"])).toThrow("only 0 more handles can be created");
});

test("identifiers that are too long, individually or in total, are refused", () => {
  const table = new HandleTable({ maxIdentifierLength: 4, maxTotalLength: 10 });
  expect(() => table.ensure(["fine", "too long"])).toThrow(LimitsExceededError);
  expect(table.ensure(["aaaa", "bbbb", "aaaa"])).toEqual([1, 2, 1]);
  expect(() => table.ensure(["ccc"])).toThrow(LimitsExceededError);
  expect(table.ensure(["cc", "aaaa"])).toEqual([3, 1]);
});

test("by default, a request has at most 2^17 identifiers of at most 4096 characters", () => {
  const table = new HandleTable();
  table.validateCount(2 ** 17);
  expect(() => table.validateCount(2 ** 17 + 1)).toThrow(
    "a request with 131073 identifiers or handles; at most 131072 are permitted",
  );
  table.validateRequest(["x".repeat(4096)]);
  expect(() => table.validateRequest(["x".repeat(4097)])).toThrow("at most 4096 are permitted");
});

test("the last handles before 2^32 are used once, and then requests are refused [S30]", () => {
  const table = new HandleTable({}, 0xffff_fffd);
  expect(table.ensure(["a", "b"])).toEqual([0xffff_fffd, 0xffff_fffe]);
  expect(() => table.ensure(["c", "d"])).toThrow(LimitsExceededError);
  expect(table.ensure(["c", "a"])).toEqual([0xffff_ffff, 0xffff_fffd]);
  expect(() => table.ensure(["d"])).toThrow(LimitsExceededError);
  expect([table.inspect(0xffff_ffff), table.inspect(0), table.inspect(2 ** 32)]).toEqual(["c", undefined, undefined]);
});
