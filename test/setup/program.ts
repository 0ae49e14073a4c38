import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import { knownV8Flags } from "../../runtime/core/v8-flags.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const CACHE = fileURLToPath(new URL("../../node_modules/.cache/test-programs/", import.meta.url));
const WORKSPACES = [".", "generator", "runtime/core", "runtime/connman", "runtime/telepathy"];

/**
 * Flags of V8 for the programs, which delay optimization. Most programs end before optimized code has saved the time
 * that the optimization in other threads takes.
 */
const FLAGS = knownV8Flags(["--interrupt-budget=500000"]);

/**
 * Returns the arguments of node that run a TypeScript program on the sources of every package. The program is bundled,
 * because a bundle starts in a fifth of the time that a loader for TypeScript takes.
 *
 * @param program - Absolute path. It must not find files by its own path.
 */
export function programArguments(program: string): readonly string[] {
  if (!bundles.has(program)) bundlePrograms([program]);
  return [...FLAGS, bundles.get(program) ?? ""];
}

/** Paths of the bundles, by the paths of the programs. */
const bundles = new Map<string, string>();

/** Bundles programs for `programArguments`, in a quarter of the time that one after the other takes. */
export function bundlePrograms(programs: readonly string[]): void {
  const names = programs.map((program) => `${relative(ROOT, program)}-${process.pid}`);
  const { outputFiles } = buildSync({
    absWorkingDir: ROOT,
    outdir: CACHE,
    outExtension: { ".js": ".mjs" },
    entryPoints: programs.map((program, index) => ({ in: program, out: names[index] ?? "" })),
    bundle: true,
    splitting: programs.length > 1,
    platform: "node",
    format: "esm",
    target: "node20",
    conditions: ["@dbus-codegen-ts/source"],
    external: dependencies(),
    // Node would read a source map at every start, which is a tenth of its time. Bundles name the sources in comments.
    sourcemap: false,
    write: false,
  });
  for (const { path, contents } of outputFiles) {
    // Complete or absent, as processes of other tests may start from it.
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.tmp`, contents);
    renameSync(`${path}.tmp`, path);
  }
  for (const [index, program] of programs.entries()) bundles.set(program, `${CACHE}${names[index]}.mjs`);
}

/** Returns the packages of other projects, which stay outside the bundle. */
function dependencies(): string[] {
  const names = WORKSPACES.flatMap((workspace) => {
    const manifest: { dependencies?: object; devDependencies?: object; peerDependencies?: object } = JSON.parse(
      readFileSync(`${ROOT}/${workspace}/package.json`, "utf8"),
    );
    return Object.keys({ ...manifest.dependencies, ...manifest.devDependencies, ...manifest.peerDependencies });
  });
  return names.filter((name) => !name.startsWith("@dbus-codegen-ts/"));
}
