import { realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, sep } from "node:path";
import type { Packages } from "../../tools/scaffold/project.ts";

/** Version ranges of this project's packages for a `package.json`. */
export interface PackageVersions extends Packages {
  /** Folders of packages that run from a clone and are referenced by path. */
  readonly sources: readonly string[];
}

const require = createRequire(import.meta.url);

/** Returns the version of this package, both in a clone and in an installation. */
export function packageVersion(): string {
  const manifest: unknown = require("dbus-codegen-ts/package.json");
  return typeof manifest === "object" && manifest !== null && "version" in manifest ? String(manifest.version) : "";
}

/** Returns ranges of this version, or paths if this program runs from a clone. */
export function packageVersions(): PackageVersions {
  const [runtime, generator] = [cloneFolder("@dbus-codegen-ts/runtime"), cloneFolder("dbus-codegen-ts")];
  const range = (folder: string | undefined): string =>
    folder === undefined ? `^${packageVersion()}` : `file:${folder}`;
  const sources = [runtime, generator].filter((folder) => folder !== undefined);
  return { runtime: range(runtime), generator: range(generator), sources };
}

/** Returns the folder of a package outside `node_modules`, or undefined if the package is installed. */
function cloneFolder(name: string): string | undefined {
  const folder = dirname(realpathSync(require.resolve(`${name}/package.json`)));
  return folder.split(sep).includes("node_modules") ? undefined : folder;
}
