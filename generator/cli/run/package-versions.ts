import { execFile } from "node:child_process";
import { constants, realpathSync } from "node:fs";
import { access, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, join, sep } from "node:path";
import { promisify } from "node:util";
import type { Packages } from "../../tools/scaffold/project.ts";
import type { ProjectFile } from "../../tools/scaffold/project-plan.ts";
import { UsageError } from "../usage-error.ts";

const require = createRequire(import.meta.url);

/** Returns the version of this package, both in a clone and in an installation. */
export function packageVersion(): string {
  const manifest: unknown = require("dbus-codegen-ts/package.json");
  return typeof manifest === "object" && manifest !== null && "version" in manifest ? String(manifest.version) : "";
}

/** Folder in a project for the tarballs of packages that are not in a registry. */
const VENDOR = "vendor";

let packed: Promise<Packages> | undefined;

/**
 * Returns the packages of this release for the package.json of a new project: version ranges or, if this program runs
 * from a clone, tarballs that are packed from it.
 */
export async function projectPackages(): Promise<Packages> {
  const clone = cloneFolder();
  if (clone !== undefined) {
    packed ??= packClone(clone);
    return packed;
  }
  const range = `^${packageVersion()}`;
  return { runtime: range, generator: range, tarballs: [] };
}

/** Returns the folder of the clone from which this program runs; undefined if the package is installed. */
function cloneFolder(): string | undefined {
  const folder = dirname(realpathSync(require.resolve("dbus-codegen-ts/package.json")));
  return folder.split(sep).includes("node_modules") ? undefined : dirname(folder);
}

/** Packs the packages of a clone. Throws a usage error if that is not possible. */
async function packClone(clone: string): Promise<Packages> {
  const folder = await cacheFolder(clone);
  try {
    const files = await runPack(clone, folder);
    const tarballs = await Promise.all(
      files.map(
        async (file): Promise<ProjectFile> => ({
          path: `${VENDOR}/${basename(file)}`,
          text: await readFile(file),
          isVendored: true,
        }),
      ),
    );
    const [runtime = "", generator = ""] = tarballs.map(({ path }) => `file:${path}`);
    return { runtime, generator, tarballs };
  } finally {
    if (!folder.startsWith(clone)) await rm(folder, { recursive: true });
  }
}

/** Returns the paths of the tarballs: the runtime, then the generator. */
async function runPack(clone: string, folder: string): Promise<readonly string[]> {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [join(clone, ".ci/pack.mjs"), folder]);
    return stdout.trim().split("\n");
  } catch (error) {
    const reason = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : String(error);
    throw new UsageError(`cannot pack the packages of ${clone}: ${reason}`);
  }
}

/** Returns a folder for tarballs: in the clone, or a temporary one if the clone belongs to another user. */
async function cacheFolder(clone: string): Promise<string> {
  const folder = join(clone, "node_modules/.cache/packed");
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
    return folder;
  } catch {
    return mkdtemp(join(tmpdir(), "packed-"));
  }
}
