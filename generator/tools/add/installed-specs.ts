import { readdir } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { MAX_INTROSPECTION_BYTES } from "@dbus-codegen-ts/runtime/grammar";
import { analyze } from "../../compiler/analyze.ts";
import { type Diagnostic, Diagnostics } from "../../compiler/diagnostics/diagnostic.ts";
import { decode } from "../../compiler/read/decode.ts";
import { includes } from "../../compiler/read/read.ts";
import { readRegularFile } from "../../compiler/read/regular-file.ts";
import { isStandardInterface } from "../../compiler/resolve/standard-interfaces.ts";
import type { AddedService } from "./added-service.ts";
import type { FoundSpec } from "./found-spec.ts";

/** Largest number of files that are read in one folder. */
const MAX_FILES = 10_000;

/** Specs in files of installed packages. */
export interface InstalledSpecs {
  /** The specs that were found, at most one for each interface. */
  readonly specs: readonly FoundSpec[];
  /** Problems of files that seem to describe the service. These files are not used. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Returns the folders in which packages install specs: `dbus-1/interfaces` in the data folders. */
export function installedSpecFolders(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  return dataFolders(env).map((folder) => join(folder, "dbus-1/interfaces"));
}

/** Returns the data folders of the XDG specification, the first of which has precedence. */
export function dataFolders(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const { XDG_DATA_HOME, XDG_DATA_DIRS } = env;
  const home = XDG_DATA_HOME || join(homedir(), ".local/share");
  const folders = [home, ...(XDG_DATA_DIRS || "/usr/local/share:/usr/share").split(":")];
  return [...new Set(folders.filter(isAbsolute))];
}

/** Reads the installed specs of a service. The first folder with an interface has precedence. */
export async function readInstalledSpecs(folders: readonly string[], service: AddedService): Promise<InstalledSpecs> {
  const specs = new Map<string, FoundSpec>();
  const diagnostics: Diagnostic[] = [];
  for (const path of await specFiles(folders)) {
    const found = await readInstalledSpec(path, service);
    diagnostics.push(...found.diagnostics);
    for (const spec of found.specs) if (!specs.has(spec.iface.name)) specs.set(spec.iface.name, spec);
  }
  return { specs: [...specs.values()], diagnostics };
}

/**
 * Returns the names of the interfaces of installed specs. Specs that are not named after their interface are not found.
 */
export async function installedInterfaces(folders: readonly string[]): Promise<readonly string[]> {
  const paths = await specFiles(folders);
  return paths.map((path) => path.replace(/^.*\/|\.xml$/g, ""));
}

async function specFiles(folders: readonly string[]): Promise<readonly string[]> {
  const names = folders.map(async (folder) => {
    const files = await readdir(folder).catch((): readonly string[] => []);
    const specs = files.filter((file) => file.endsWith(".xml")).toSorted();
    return specs.slice(0, MAX_FILES).map((file) => join(folder, file));
  });
  return (await Promise.all(names)).flat();
}

async function readInstalledSpec(path: string, service: AddedService): Promise<InstalledSpecs> {
  const none = { specs: [], diagnostics: [] };
  const file = await readRegularFile(path, MAX_INTROSPECTION_BYTES).catch(() => undefined);
  if (file === undefined || !service.interfacePrefixes.some((prefix) => file.content.includes(prefix))) return none;
  const source = { path, ...file };
  const diagnostics = new Diagnostics();
  const { ir } = analyze([source], diagnostics);
  if (diagnostics.hasErrors) {
    const errors = diagnostics.sorted().filter(({ severity }) => severity === "error");
    return { specs: [], diagnostics: errors.map((error) => ({ ...error, severity: "warning" })) };
  }
  const interfaces = ir.interfaces.filter(({ name }) => service.hasInterface(name) && !isStandardInterface(name));
  const isComplete = ir.interfaces.length === 1 && includes(source, new Diagnostics()).length === 0;
  const text = isComplete ? decode(source, new Diagnostics())?.text : undefined;
  const specs = interfaces.map(
    (iface): FoundSpec => ({ iface, origin: { kind: "file", path }, ...(text !== undefined && { text }) }),
  );
  return { specs, diagnostics: [] };
}
