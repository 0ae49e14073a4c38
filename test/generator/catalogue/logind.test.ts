import { closeSync, fstatSync, openSync } from "node:fs";
import { expect, test } from "vitest";
import { InhibitorMode } from "../../../generator/catalogue/logind/generated/org.freedesktop.login1.Manager.ts";
import { inhibit } from "../../../generator/catalogue/logind/index.ts";

test("inhibit keeps the descriptor open until it is disposed of, and closes it only once", async () => {
  const calls: unknown[] = [];
  let descriptor = -1;
  const manager = {
    inhibit: async (...args: readonly unknown[]) => {
      calls.push(args);
      descriptor = openSync("/dev/null", "r");
      return descriptor;
    },
  };
  const options = { what: ["sleep", "idle"], who: "Backup", why: "Copies files", mode: InhibitorMode.Delay } as const;
  const lock = await inhibit(manager, options);
  expect(calls).toEqual([["sleep:idle", "Backup", "Copies files", "delay"]]);
  fstatSync(descriptor);
  lock[Symbol.dispose]();
  expect(() => fstatSync(descriptor)).toThrow("EBADF");
  const reused = openSync("/dev/null", "r");
  expect(reused).toBe(descriptor);
  lock[Symbol.dispose]();
  fstatSync(reused);
  closeSync(reused);
});
