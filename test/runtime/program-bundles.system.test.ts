import { execFileSync, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { endsWithUs, nextLine } from "../reliability/support.ts";
import { startPrivateBus } from "../setup/private-bus.ts";

// The programs as they are published.

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Folder below `node_modules`: programs in it find the runtime as in a project in which they are installed. */
const CACHE = join(ROOT, "node_modules/.cache");
mkdirSync(CACHE, { recursive: true });

/**
 * The published programs: flags with which a program needs additional modules, the first line that it then prints, and
 * texts that only these modules contain.
 */
const PROGRAMS = [
  {
    workspace: "runtime/telepathy",
    program: "dbus-codegen-connection-manager",
    flags: (folder: string) => ["--no-warm-up", "--protocol", "irc", "--accounts", join(folder, "accounts")],
    prints: "im.telepathy1.ConnectionManager.dbus_codegen",
    parts: ["PRIVMSG", "FileStore=class", "SecretService=class"],
  },
  {
    workspace: "runtime/connman",
    program: "dbus-codegen-sessiond",
    flags: (folder: string) => ["--policy-dir", folder],
    prints: "net.connman",
    parts: ["LinuxNetwork=class", "NetworkManagerNetwork=class", "PolicyDirectory=class"],
  },
] as const;

describe.each(PROGRAMS)("the published $program", ({ workspace, program, flags, prints, parts }) => {
  const folder = mkdtempSync(join(CACHE, "bundled program ü-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const bundler = join(ROOT, ".ci/bundle-programs.mjs");
  execFileSync(process.execPath, [bundler, join(folder, "dist")], { cwd: join(ROOT, workspace) });
  for (const path of ["package.json", "bin"])
    cpSync(join(ROOT, workspace, path), join(folder, path), { recursive: true });

  test("imports fewer than 20 modules at its start, without the parts that only some flags need", () => {
    const all = new Map(
      readdirSync(join(folder, "dist")).map((name) => [name, readFileSync(join(folder, "dist", name), "utf8")]),
    );
    const first = modulesAtStart(all);
    expect(first.length).toBeLessThan(20);
    const found = (texts: readonly string[]) => parts.filter((part) => texts.some((text) => text.includes(part)));
    expect([found([...all.values()]), found(first)]).toEqual([parts, []]);
  });

  test("loads these parts when a flag needs them", async () => {
    await using bus = await startPrivateBus();
    const env = { ...process.env, DBUS_SESSION_BUS_ADDRESS: bus.address };
    const args = [join(folder, "bin", `${program}.js`), ...flags(folder)];
    const child = endsWithUs(spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "inherit"] }));
    expect(await nextLine(child)).toBe(prints);
    child.kill("SIGKILL");
  });
});

/** Returns the source texts of the modules that the program imports at its start, without dynamic imports. */
function modulesAtStart(all: ReadonlyMap<string, string>): readonly string[] {
  const names = new Set(["cli.js"]);
  for (const name of names)
    for (const [, imported = ""] of (all.get(name) ?? "").matchAll(/\bfrom"\.\/(chunk-\w+\.js)"/g)) names.add(imported);
  return [...names].map((name) => all.get(name) ?? "");
}
