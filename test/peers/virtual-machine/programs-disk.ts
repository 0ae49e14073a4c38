import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import type { GroupName } from "./result.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/** Programs that run in the machine, by the names of their bundles. */
const PROGRAMS = {
  main: "test/peers/virtual-machine/guest/main.ts",
  sessiond: "test/runtime/connman/programs/sessiond.ts",
  "transfer-server": "test/runtime/connman/programs/transfer-server.ts",
  "transfer-client": "test/runtime/connman/programs/transfer-client.ts",
  "polkit-agent": "test/peers/virtual-machine/guest/polkit-agent.ts",
} as const;

/** Folders and files of packages that programs find by name while they run. */
const PACKAGES = {
  "node_modules/koffi-for-tests": "node_modules/koffi",
  "node_modules/@koromix": "node_modules/@koromix",
  "runtime/connman/package.json": "node_modules/@dbus-codegen-ts/connman/package.json",
} as const;

/** Number of bytes of which the size of the archive is a multiple, as the memory of a machine requires. */
const BLOCK_BYTES = 16 * 1024 * 1024;

/**
 * First line of the bundles. It defines the function by which bundled modules in the format of CommonJS load modules of
 * Node.js.
 */
const REQUIRE = 'import * as modules from "node:module"; const require = modules.createRequire(import.meta.url);';

/** A script that starts the main program, whose output goes to the second serial port. */
const START = `stty -F /dev/ttyS1 raw -echo
cd /checks
export NODE_PATH=/checks/node_modules LC_ALL=C
exec ./node --enable-source-maps main.mjs >/dev/ttyS1
`;

/**
 * Writes an archive with the programs, bundled from the sources, and with the Node.js of this process. A machine reads it
 * as a disk.
 *
 * @param groups - The groups of checks that are run.
 * @returns The path of the archive.
 */
export function writePrograms(folder: string, groups: readonly GroupName[]): string {
  const content = join(folder, "checks");
  mkdirSync(content);
  buildSync({
    absWorkingDir: ROOT,
    entryPoints: Object.entries(PROGRAMS).map(([out, path]) => ({ in: path, out })),
    outdir: content,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    conditions: ["@dbus-codegen-ts/source"],
    banner: { js: REQUIRE },
    sourcemap: "linked",
    sourcesContent: false,
    logLevel: "error",
  });
  for (const [from, to] of Object.entries(PACKAGES)) {
    cpSync(join(ROOT, from), join(content, to), { recursive: true, dereference: true });
  }
  cpSync(process.execPath, join(content, "node"), { dereference: true });
  writeFileSync(join(content, "groups.json"), JSON.stringify(groups));
  writeFileSync(join(content, "start"), START);
  const archive = join(folder, "programs.tar");
  execFileSync("tar", [
    "--create",
    `--record-size=${BLOCK_BYTES}`,
    `--file=${archive}`,
    `--directory=${folder}`,
    "checks",
  ]);
  return archive;
}
