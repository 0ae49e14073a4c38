import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Bus, connect } from "../../../runtime/core/index.ts";
import { type PrivateBus, startPrivateBus } from "../../setup/private-bus.ts";
import { programArguments } from "../../setup/program.ts";

let folder: string;
let daemon: PrivateBus;
let bus: Bus;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "silent-"));
  await mkdir(join(folder, "policies"));
  await writeFile(join(folder, "policies", "broken.policy"), "[not a section");
  await mkdir(join(folder, "stored", "accounts"), { recursive: true });
  await writeFile(join(folder, "stored", "accounts", "broken.json"), "{");
  daemon = await startPrivateBus();
  bus = await connect({ bus: daemon.address });
});
afterAll(async () => {
  await bus.close();
  await daemon.stop();
  await rm(folder, { recursive: true, force: true });
});

/** The two daemons, each with a file that makes the daemon report an error when it starts. */
const PROGRAMS = [
  {
    name: "sessiond",
    program: "../connman/programs/sessiond.ts",
    argv: ["--policy-dir", "policies"],
    busName: "net.connman",
    errors: /broken\.policy/,
  },
  {
    name: "connection-manager",
    program: "../telepathy/programs/connection-manager.ts",
    argv: ["--accounts", "stored"],
    busName: "im.telepathy1.ConnectionManager.dbus_codegen",
    errors: /broken\.json/,
  },
];

type Start = (typeof PROGRAMS)[number];

/**
 * Starts a program.
 *
 * @param output - Destination of its standard output and standard error.
 */
function start({ program, argv }: Start, output: "pipe" | number) {
  const path = fileURLToPath(new URL(program, import.meta.url));
  const flags = ["--bus", daemon.address, ...argv];
  return spawn(process.execPath, [...programArguments(path), ...flags], {
    cwd: folder,
    stdio: ["ignore", output, output],
  });
}

/** Waits until a name has an owner or, if `isOwned` is false, no owner. */
async function ownership(busName: string, isOwned: boolean): Promise<void> {
  await expect
    .poll(async () => (await bus.call({ ...DAEMON, member: "NameHasOwner", signature: "s", args: [busName] }))[0], {
      timeout: 60_000,
    })
    .toBe(isOwned);
}

const DAEMON = { destination: "org.freedesktop.DBus", path: "/", interface: "org.freedesktop.DBus" };

test.each(PROGRAMS)("$name serves although the readers of its output are gone", async (program) => {
  const child = start(program, "pipe");
  const exited = once(child, "exit");
  child.stdout?.destroy();
  child.stderr?.destroy();
  await serves(program, child, exited);
});

test.each(PROGRAMS)("$name serves although its output is a full disk", async (program) => {
  const full = openSync("/dev/full", "w");
  const child = start(program, full);
  const exited = once(child, "exit");
  closeSync(full);
  await serves(program, child, exited);
});

test.each(PROGRAMS)("$name prints the error that is lost in the other tests", async (program) => {
  const child = start(program, "pipe");
  const exited = once(child, "exit");
  let errors = "";
  child.stderr?.on("data", (chunk) => {
    errors += chunk;
  });
  await expect.poll(() => errors).toMatch(program.errors);
  await serves(program, child, exited);
});

/** Waits until a program serves, requests that it ends, and expects that it ends without an error. */
async function serves(
  { busName }: Start,
  child: { kill(signal: "SIGTERM"): boolean; readonly exitCode: number | null },
  exited: Promise<readonly unknown[]>,
): Promise<void> {
  await ownership(busName, true);
  await bus.call({ destination: busName, path: "/", interface: "org.freedesktop.DBus.Peer", member: "Ping" });
  child.kill("SIGTERM");
  expect(await exited).toEqual([0, null]);
  await ownership(busName, false);
}
