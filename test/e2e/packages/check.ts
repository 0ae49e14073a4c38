import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundles } from "./bundles.ts";
import { checkManagers } from "./managers.ts";
import { readmes } from "./readmes.ts";
import { Scratch } from "./scratch.ts";
import { checkService } from "./service.ts";
import { run, runWithoutError, step } from "./shell.ts";
import { checkContents, lint, pack, type Tarball, WORKSPACES } from "./tarballs.ts";
import { installTools, NODES, node, RUNTIMES, TYPESCRIPTS } from "./tools.ts";
import { ALONE, NODE_TYPES, PEERS, PEERS_PRINTS, TOGETHER, TOGETHER_PRINTS } from "./use.ts";

/** Maximum time of the import in milliseconds, on a machine on which `node -e 0` takes 40 ms, too. */
const MAX_IMPORT_MS = 40;

/**
 * Packs each built package, installs the tarballs alone and together in empty projects, and uses them there with
 * every supported compiler and Node release (`npm run check:packages`).
 */
const folder = mkdtempSync(join(tmpdir(), "packages-"));

try {
  const started = performance.now();
  await step("tools", installTools);
  const tarballs: Tarball[] = [];
  for (const workspace of WORKSPACES) tarballs.push(await pack(workspace, folder));
  for (const tarball of tarballs) {
    await step(tarball.name, async () => {
      checkContents(tarball);
      await lint(tarball);
      return `${tarball.contents.length} files, ${(tarball.size / 1000).toFixed(0)} kB; publint and attw are content`;
    });
  }
  for (const use of ALONE) await step(`${use.name} alone`, () => useAlone(use, tarballs));
  const together = await useTogether(tarballs);
  await step("the runtime is imported", () => importTime(together));
  await step("bundled and minified", () => bundles(together));
  await step("examples of READMEs", () => readmes(together, tarballs));
  await checkService(together, tarballs);
  await checkManagers();
  console.log(`all in ${((performance.now() - started) / 1000).toFixed(0)} s`);
} finally {
  rmSync(folder, { recursive: true });
}

async function useAlone(
  { name, program, prints }: (typeof ALONE)[number],
  tarballs: readonly Tarball[],
): Promise<string> {
  const scratch = new Scratch(join(folder, `alone-${name.replace(/\W+/g, "-")}`));
  await scratch.install(withDependencies(name, tarballs));
  const others = scratch.installed();
  if (
    name !== "dbus-codegen-ts" &&
    others.some((other) => ["ts-morph", "fast-xml-parser", "typescript"].includes(other))
  )
    throw new Error(`${name} brings ${others.join(", ")}`);
  await scratch.install([], NODE_TYPES);
  scratch.write("use.ts", program);
  await scratch.compile("use.ts", ["6"]);
  await expectOutput(scratch, prints, process.execPath, "use.js");
  return `${others.length} packages of other projects`;
}

/** Returns a package and those packages of this project on which it depends. */
function withDependencies(name: string, tarballs: readonly Tarball[]): readonly Tarball[] {
  const needed = new Set([name]);
  for (const added of needed) {
    const { dependencies = {} } = tarballs.find((tarball) => tarball.name === added)?.manifest ?? {};
    for (const dependency of Object.keys(dependencies)) needed.add(dependency);
  }
  return tarballs.filter((tarball) => needed.has(tarball.name));
}

async function useTogether(tarballs: readonly Tarball[]): Promise<Scratch> {
  const scratch = new Scratch(join(folder, "together"));
  await step("all together", async () => {
    await scratch.install(tarballs, NODE_TYPES);
    scratch.write("use.ts", TOGETHER);
    await scratch.compile("use.ts", TYPESCRIPTS);
    return `types resolve under nodenext and bundler with TypeScript ${TYPESCRIPTS.join(", ")}`;
  });
  scratch.write("peers.js", PEERS);
  await step("round trips on Node", async () => {
    for (const major of NODES) await roundTrips(scratch, node(major));
    return NODES.join(", ");
  });
  for (const [name, ...command] of RUNTIMES)
    await step(`round trips on ${name}`, () => roundTrips(scratch, ...command));
  await step("programs start", async () => {
    const programs = tarballs.flatMap(({ manifest }) => Object.keys(manifest.bin ?? {}));
    for (const program of programs) await startProgram(scratch, program, String(tarballs[0]?.manifest["version"]));
    return `${programs.join(", ")} on Node ${NODES.join(", ")}`;
  });
  return scratch;
}

/** Returns the time to import the runtime next to the time to start Node: the shortest of several runs. */
async function importTime(scratch: Scratch): Promise<string> {
  scratch.write("import.js", 'await import("@dbus-codegen-ts/runtime");');
  scratch.write("empty.js", "");
  const shortest = async (file: string): Promise<number> => {
    const times: number[] = [];
    for (let count = 0; count < 10; count++) {
      const started = performance.now();
      await run(scratch.folder, process.execPath, file);
      times.push(performance.now() - started);
    }
    return Math.min(...times);
  };
  const [empty, whole] = [await shortest("empty.js"), await shortest("import.js")];
  const imported = whole - empty;
  const text = `${imported.toFixed(0)} ms where an empty program takes ${empty.toFixed(0)} ms`;
  if (imported > Math.max(MAX_IMPORT_MS, empty)) throw new Error(text);
  return text;
}

async function startProgram({ folder: cwd }: Scratch, program: string, version: string): Promise<void> {
  for (const major of NODES) {
    const printed = await runWithoutError(cwd, node(major), join("node_modules", ".bin", program), "--version");
    if (!printed.includes(version)) throw new Error(`${program} --version prints ${printed}`);
  }
  await run(cwd, "npx", "--no-install", program, "--version");
}

/** Runs services and clients: over a private bus, and without a bus. */
async function roundTrips(scratch: Scratch, program: string, ...args: readonly string[]): Promise<void> {
  await expectOutput(scratch, TOGETHER_PRINTS, program, ...args, "use.js");
  await expectOutput(scratch, PEERS_PRINTS, program, ...args, "peers.js");
}

async function expectOutput(
  { folder: cwd }: Scratch,
  expected: string,
  program: string,
  ...args: readonly string[]
): Promise<void> {
  const printed = (await run(cwd, program, ...args)).trim();
  if (printed !== expected) throw new Error(`${program} ${args.join(" ")} prints ${printed} instead of ${expected}`);
}
