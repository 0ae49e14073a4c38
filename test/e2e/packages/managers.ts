import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run, step } from "./shell.ts";
import { ROOT } from "./tarballs.ts";
import { inside } from "./tools.ts";

/** Package managers that install a project. The path of a program follows its name. */
const MANAGERS = [
  ["npm", "npm"],
  ["pnpm 10", inside("pnpm/bin/pnpm.cjs")],
  ["yarn 1", inside("yarn-1/bin/yarn.js")],
  ["yarn 4", inside("@yarnpkg/cli-dist/bin/yarn.js")],
] as const;

/** Creates a service from this clone for each package manager, which then installs, tests, checks and builds it. */
export async function checkManagers(): Promise<void> {
  // Yarn takes a folder above for the project if it has a package.json, so this folder is outside of the others.
  const folder = await realpath(await mkdtemp(join(tmpdir(), "managers-")));
  try {
    for (const [name, program] of MANAGERS)
      await step(`init service from the clone, with ${name}`, () => use(folder, name.replace(" ", "-"), program));
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function use(folder: string, project: string, program: string): Promise<string> {
  await run(folder, process.execPath, join(ROOT, "generator/bin/dbus-codegen.js"), "init", "service", NAME, project);
  const manager = (...args: readonly string[]): Promise<string> =>
    program === "npm"
      ? run(join(folder, project), program, ...args)
      : run(join(folder, project), process.execPath, program, ...args);
  // yarn 1 would take packages of an earlier clone with the same version from its cache.
  await manager("install", ...(project === "yarn-1" ? ["--cache-folder", join(folder, "cache")] : []));
  const printed = await manager("run", "test");
  await manager("run", "check");
  await manager("run", "build");
  return /Tests +(.*)/.exec(printed)?.[1] ?? printed;
}

const NAME = "org.example.Jukebox1";
