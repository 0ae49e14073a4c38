import { LimitsExceededError } from "@dbus-codegen-ts/runtime";
import { HandleType } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import {
  InvalidArgumentError,
  InvalidHandleError,
  NotImplementedError,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { expect, test } from "vitest";
import { connectScripted } from "./connected-connection.ts";

const { Contact } = HandleType;

test("too many and too long identifiers are refused, and equal identifiers have the same handle [S26]", async () => {
  await using fixture = await connectScripted({}, { handles: { maxHandles: 5000 } });
  const request = (identifiers: readonly string[]) => fixture.client.requestHandles(Contact, identifiers);
  const million = Array.from({ length: 1_000_000 }, (_, index) => `contact${index}`);
  await expect(request(million)).rejects.toBeInstanceOf(LimitsExceededError);
  await expect(request(["fine", "x".repeat(2 ** 20)])).rejects.toBeInstanceOf(LimitsExceededError);
  expect(await request([])).toEqual([]);
  expect(await request(["Same", "same", "SAME"])).toEqual([2, 2, 2]);
  expect(await request(["caf\u00e9", "cafe\u0301"])).toEqual([3, 4]);
  for (let batch = 0; batch < 4; batch++) await request(million.slice(batch * 1000, (batch + 1) * 1000));
  await expect(request(million.slice(4000, 5000))).rejects.toBeInstanceOf(LimitsExceededError);
  expect(await request(million.slice(4000, 4996))).toHaveLength(996);
  expect(await request(["SAME", "contact0"])).toEqual([2, 5]);
  await expect(request(["another"])).rejects.toBeInstanceOf(LimitsExceededError);
});

test("one invalid identifier fails the request, and no handle is created [S26]", async () => {
  await using fixture = await connectScripted();
  await expect(fixture.client.requestHandles(Contact, ["good1", "", "good2"])).rejects.toBeInstanceOf(
    InvalidHandleError,
  );
  expect(await fixture.client.requestHandles(Contact, ["other", "good2", "good1"])).toEqual([2, 3, 4]);
});

test("an invalid handle or handle type fails the whole call [S27]", async () => {
  await using fixture = await connectScripted();
  await fixture.client.requestHandles(Contact, ["bob"]);
  const inspect = (type: HandleType, handles: readonly number[]) => fixture.client.inspectHandles(type, handles);
  for (const handles of [[0], [3], [0xffff_ffff], [1, 2, 99], [2, 0]]) {
    await expect(inspect(Contact, handles)).rejects.toBeInstanceOf(InvalidHandleError);
  }
  await expect(inspect(HandleType.Room, [1])).rejects.toBeInstanceOf(InvalidHandleError);
  expect(await inspect(Contact, [2, 1, 2])).toEqual(["bob", "me", "bob"]);
  for (const type of [0, 3, 99, 0xffff_ffff]) {
    const call = { ...fixture.target, interface: "im.telepathy1.Connection", signature: "uau" };
    const inspecting = fixture.setup.client.call({ ...call, member: "InspectHandles", args: [type, [1]] });
    await expect(inspecting).rejects.toMatchObject({ errorName: InvalidArgumentError.errorName });
    const requesting = fixture.setup.client.call({
      ...call,
      signature: "uas",
      member: "RequestHandles",
      args: [type, ["x"]],
    });
    await expect(requesting).rejects.toMatchObject({ errorName: NotImplementedError.errorName });
  }
});
