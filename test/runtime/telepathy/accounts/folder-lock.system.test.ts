import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { NotAvailableError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lockFolder } from "../../../../runtime/telepathy/accounts/folder-lock.ts";
import { endsWithUs, nextLine } from "../../../reliability/support.ts";
import { startPrivateBus } from "../../../setup/private-bus.ts";
import { programArguments } from "../../../setup/program.ts";

const PROGRAM = fileURLToPath(new URL("../programs/connection-manager.ts", import.meta.url));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lock-"));
});
afterEach(() => rm(folder, { recursive: true }));

test("a folder is locked once, until the lock is disposed of", async () => {
  const inner = join(folder, "accounts");
  const lock = await lockFolder(inner);
  await expect(lockFolder(inner)).rejects.toBeInstanceOf(NotAvailableError);
  await lock[Symbol.asyncDispose]();
  await (await lockFolder(inner))[Symbol.asyncDispose]();
});

test("a link in place of the file is refused", async () => {
  await symlink("/dev/null", join(folder, "lock"));
  await expect(lockFolder(folder)).rejects.toThrow("ELOOP");
});

test("a second program with the same accounts is refused, also on another bus, until the first is killed", async () => {
  await using first = await startPrivateBus();
  await using second = await startPrivateBus();
  const start = (bus: string) => {
    const args = [...programArguments(PROGRAM), "--bus", bus, "--accounts", folder];
    return endsWithUs(spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] }));
  };
  const program = start(first.address);
  await nextLine(program);
  const refused = start(second.address);
  const [errors, [code]] = await Promise.all([text(refused.stderr), once(refused, "exit")]);
  expect([code, errors]).toEqual([1, `dbus-codegen-connection-manager: another program uses the folder ${folder}\n`]);
  program.kill("SIGKILL");
  await once(program, "exit");
  const next = start(second.address);
  expect(await nextLine(next)).toBe("im.telepathy1.ConnectionManager.dbus_codegen");
  next.kill();
  await once(next, "exit");
});
