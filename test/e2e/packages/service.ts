import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { privateBus } from "dbus-codegen-ts/testing";
import type { Scratch } from "./scratch.ts";
import { run, step } from "./shell.ts";
import type { Tarball } from "./tarballs.ts";
import { NODES, node, TYPESCRIPTS, tsc } from "./tools.ts";

const NAME = "org.example.Jukebox1";
/** Folder of the project. */
const FOLDER = "my jükebox";

/** Creates a service with the installed generator, and follows the instructions of the README in the new project. */
export async function checkService(scratch: Scratch, tarballs: readonly Tarball[]): Promise<void> {
  const folder = join(scratch.folder, FOLDER);
  const npm = (...args: readonly string[]): Promise<string> => run(folder, "npm", ...args);
  await step("init service, npm install", async () => {
    await run(scratch.folder, "npx", "dbus-codegen", "init", "service", NAME, FOLDER);
    const manifest = await readFile(join(folder, "package.json"), "utf8");
    if (!/"@dbus-codegen-ts\/runtime": "\^\d/.test(manifest)) throw new Error(`it depends on no release: ${manifest}`);
    const files = tarballs
      .filter(({ name }) => name === "dbus-codegen-ts" || name === "@dbus-codegen-ts/runtime")
      .map(({ file }) => file);
    await npm("install", "--no-audit", "--no-fund", ...files);
  });
  await step("its npm test", async () => summaryOf(await npm("test")));
  await step("its npm run check, generate, pack", async () => {
    await npm("run", "check");
    await npm("run", "generate");
    await npm("run", "build");
    await npm("pack");
  });
  await step("every command loads", async () => {
    const names = commandsIn(await run(folder, "npx", "dbus-codegen", "--help"));
    for (const name of names) await run(folder, "npx", "dbus-codegen", name, "--help");
    // This command reads package files that are not compiled.
    if (names.includes("docs")) await run(folder, "npx", "dbus-codegen", "docs", "specs", "-o", "site");
    return names.join(", ");
  });
  await step("it compiles with TypeScript", async () => {
    for (const version of TYPESCRIPTS) await run(folder, process.execPath, tsc(version), "-p", ".");
    return TYPESCRIPTS.join(", ");
  });
  await step("service and client talk on Node", async () => {
    for (const major of NODES) await talk(folder, node(major));
    return NODES.join(", ");
  });
}

/** Returns the names in the list of commands. */
function commandsIn(help: string): readonly string[] {
  const [, list = ""] = /^Commands:\n((?: {2}.*\n)+)/m.exec(help) ?? [];
  return [...list.matchAll(/^ {2}([\w-]+)/gm)].map(([, name = ""]) => name);
}

function summaryOf(output: string): string {
  return /Tests +(.*)/.exec(output)?.[1] ?? output;
}

/** Starts the service and calls it, both with the same release of Node. */
async function talk(folder: string, program: string): Promise<void> {
  await using bus = await privateBus();
  const service = spawn(program, ["dist/main.js", "--bus", bus.address], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [ready] = await once(service.stdout, "data");
    if (String(ready) !== `${NAME}\n`) throw new Error(`${program}: ${ready}`);
    const printed = await run(folder, program, "dist/client.js", "--bus", bus.address);
    if (printed !== "Play: 0n\nVolume: 0\n") throw new Error(`${program} prints ${printed}`);
  } finally {
    await end(service);
  }
}

/** Stops a process with SIGTERM. Throws if it does not exit. */
export async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const [code] = await ended;
  if (code !== 0) throw new Error(`${child.spawnfile} ended with ${code}`);
}
