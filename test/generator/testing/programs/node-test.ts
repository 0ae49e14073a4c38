import assert from "node:assert/strict";
import { test } from "node:test";
import { testBus } from "dbus-codegen-ts/testing";
import { Everything1, Everything1Client } from "../../../e2e/generated/org.example.Everything1.ts";

test("a service, a client and a bus in three lines", async () => {
  await using bus = await testBus();
  await bus.mock("/a", Everything1, { sum: (a, b) => a + b });
  assert.equal(await bus.client(Everything1Client, "/a").sum(2, 3), 5);
});
