import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const CACHE = fileURLToPath(new URL("../../node_modules/.cache/test-programs/", import.meta.url));
const WORKSPACES = [".", "generator", "runtime/core", "runtime/connman", "runtime/telepathy"];

/**
 * Returns the arguments of node that run a TypeScript program on the sources of every package. The program is bundled,
 * because a bundle starts in a fifth of the time that a loader for TypeScript takes.
 *
 * @param program - Absolute path. It must not find files by its own path.
 */
export function programArguments(program: string): readonly string[] {
  const bundled = bundles.get(program);
  if (bundled !== undefined) return bundled;
  const bundle = `${CACHE}${relative(ROOT, program)}-${process.pid}.mjs`;
  const { outputFiles } = buildSync({
    absWorkingDir: ROOT,
    outfile: bundle,
    entryPoints: [program],
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    conditions: ["@dbus-codegen-ts/source"],
    external: dependencies(),
    // Node reads the map at every start: without the sources, it is short.
    sourcemap: "linked",
    sourcesContent: false,
    write: false,
  });
  mkdirSync(dirname(bundle), { recursive: true });
  for (const { path, contents } of outputFiles) {
    // Complete or absent, as processes of other tests may start from it.
    writeFileSync(`${path}.tmp`, contents);
    renameSync(`${path}.tmp`, path);
  }
  const args = ["--enable-source-maps", bundle];
  bundles.set(program, args);
  return args;
}

const bundles = new Map<string, readonly string[]>();

/** Packages of other projects, which stay outside the bundle. */
function dependencies(): string[] {
  const names = WORKSPACES.flatMap((workspace) => {
    const manifest: { dependencies?: object; devDependencies?: object; peerDependencies?: object } = JSON.parse(
      readFileSync(`${ROOT}/${workspace}/package.json`, "utf8"),
    );
    return Object.keys({ ...manifest.dependencies, ...manifest.devDependencies, ...manifest.peerDependencies });
  });
  return names.filter((name) => !name.startsWith("@dbus-codegen-ts/"));
}
