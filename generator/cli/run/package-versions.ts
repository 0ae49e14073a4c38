import { realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, sep } from "node:path";
import type { Packages } from "../../tools/scaffold/project.ts";

/** Our packages as this program has them. */
export interface OwnPackages extends Packages {
  /** The folders that they are taken from, where these are their sources and no release. */
  readonly sources: readonly string[];
}

const require = createRequire(import.meta.url);

/** Version of this package, which finds itself by its name both as sources and as it is installed. */
export function packageVersion(): string {
  const found: unknown = require("dbus-codegen-ts/package.json");
  return typeof found === "object" && found !== null && "version" in found ? String(found.version) : "";
}

/** What a project that was made by this program needs to be worked on with it: a release, or the sources it runs from. */
export function ownPackages(): OwnPackages {
  const [runtime, generator] = [sourceOf("@dbus-codegen-ts/runtime"), sourceOf("dbus-codegen-ts")];
  const range = (source: string | undefined): string =>
    source === undefined ? `^${packageVersion()}` : `file:${source}`;
  const sources = [runtime, generator].filter((source) => source !== undefined);
  return { runtime: range(runtime), generator: range(generator), sources };
}

/** The folder of a package that nobody installed. */
function sourceOf(name: string): string | undefined {
  const folder = dirname(realpathSync(require.resolve(`${name}/package.json`)));
  return folder.split(sep).includes("node_modules") ? undefined : folder;
}
