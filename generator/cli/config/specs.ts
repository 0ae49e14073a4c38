import type { Dirent } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { dirname, relative, resolve, sep } from "node:path";
import { MAX_INTROSPECTION_BYTES } from "@dbus-codegen-ts/runtime/grammar";
import { Diagnostics } from "../../compiler/diagnostics/diagnostic.ts";
import type { Source } from "../../compiler/diagnostics/source.ts";
import { includes } from "../../compiler/read/read.ts";
import { readFailure, readRegularFile } from "../../compiler/read/regular-file.ts";
import { UsageError } from "../usage-error.ts";

/** The working folder and standard input, from which specs are read. */
export interface SpecInput {
  readonly cwd: string;
  stdin(): AsyncIterable<Uint8Array>;
}

/** Names of files and folders that a run reads. */
export interface SpecNames {
  /** Specs; may include `-` for standard input. */
  readonly specs: readonly string[];
  /** Overlays that apply to the specs. */
  readonly overlays?: readonly string[];
  /** Specs and folders that are left out. Each must leave out at least one file. */
  readonly exclude?: readonly string[];
}

/** Specs and the paths that were searched for them, relative to the working folder. */
export interface SpecFiles {
  readonly sources: readonly Source[];
  /** Named folders and all folders below them. */
  readonly folders: readonly string[];
  /** Included files that could not be read. */
  readonly missing: readonly string[];
}

/** Reads specs and overlays: files, folders (all `.xml` files below them), and `-` for standard input. */
export async function readSpecs(names: SpecNames, input: SpecInput): Promise<readonly Source[]> {
  return (await readSpecFiles(names, input)).sources;
}

/** Reads specs like `readSpecs`, and returns the searched paths too. */
export async function readSpecFiles(
  { specs, overlays = [], exclude = [] }: SpecNames,
  input: SpecInput,
): Promise<SpecFiles> {
  const exclusion = new Exclusion(exclude, input);
  const sources = new Map<string, Source>();
  const folders: string[] = [];
  const missing = new Set<string>();
  const add = (source: Source): void => void sources.set(source.path, source);
  for (const name of specs) {
    if (name === "-") add(await readStdin(input));
    else {
      const found = await expandName(name, input);
      folders.push(...found.folders);
      for (const path of found.files) if (!exclusion.matches(path)) add(await readNamedSpec(path, input));
    }
  }
  for (const name of overlays) {
    const found = await expandName(name, input);
    folders.push(...found.folders);
    for (const path of found.files)
      if (!exclusion.matches(path)) add({ ...(await readNamedSpec(path, input)), isOverlay: true });
  }
  exclusion.checkUsed();
  // The map grows during the iteration, so that includes of included files are read.
  for (const source of sources.values()) {
    for (const path of includes(source, new Diagnostics())) {
      if (!sources.has(path) && !missing.has(path))
        await readIncluded(path, source, input).then(add, () => void missing.add(path));
    }
  }
  return { sources: [...sources.values()], folders, missing: [...missing] };
}

/** The files that the names in `exclude` leave out. */
class Exclusion {
  readonly #names: ReadonlyMap<string, string>;
  readonly #used = new Set<string>();

  constructor(names: readonly string[], input: SpecInput) {
    this.#names = new Map(names.map((name) => [shownPath(resolve(input.cwd, name), input), name]));
  }

  /** Returns whether a file is left out, and records which name left it out. */
  matches(path: string): boolean {
    const excluding = [...this.#names.keys()].filter((name) => path === name || path.startsWith(`${name}/`));
    for (const name of excluding) this.#used.add(name);
    return excluding.length > 0;
  }

  /** Throws UsageError if a name in `exclude` left out no file. */
  checkUsed(): void {
    for (const [path, name] of this.#names) {
      if (this.#used.has(path)) continue;
      throw new UsageError(`no spec is excluded by "${name}"${isPattern(name) ? `; ${NO_PATTERNS}` : ""}`);
    }
  }
}

async function expandName(
  name: string,
  input: SpecInput,
): Promise<{ readonly files: readonly string[]; readonly folders: readonly string[] }> {
  if (name === "") throw new UsageError("a spec needs a name that is not empty");
  const path = resolve(input.cwd, name);
  const stats = await stat(path).catch(() => undefined);
  if (stats === undefined)
    throw new UsageError(`there is no file or folder "${name}"${isPattern(name) ? `; ${NO_PATTERNS}` : ""}`);
  if (!stats.isDirectory()) return { files: [shownPath(path, input)], folders: [] };
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const pathOf = (entry: Dirent): string => shownPath(resolve(entry.parentPath, entry.name), input);
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith(".xml")).map(pathOf);
  if (files.length === 0) throw new UsageError(`there is no .xml file in "${name}"`);
  const folders = [shownPath(path, input), ...entries.filter((entry) => entry.isDirectory()).map(pathOf)];
  return { files: files.toSorted(), folders: folders.toSorted() };
}

/** Returns whether a name contains characters of a file name pattern. Patterns are not expanded. */
export function isPattern(name: string): boolean {
  return /[*?{]/.test(name);
}

export const NO_PATTERNS = "patterns are not expanded: name a folder to read all .xml files below it";

/** Returns a path relative to the working folder, with `/` as separator, for messages. */
function shownPath(path: string, { cwd }: SpecInput): string {
  return relative(cwd, path).split(sep).join("/");
}

async function readNamedSpec(path: string, input: SpecInput): Promise<Source> {
  try {
    return await readSpec(path, input);
  } catch (error) {
    throw new UsageError(readFailure("file", path, error), { cause: error });
  }
}

/** Reads an included file. Rejects if the file, after all links, is not below the folder of the including file. */
async function readIncluded(path: string, includedBy: Source, input: SpecInput): Promise<Source> {
  const folder = await realpath(resolve(input.cwd, dirname(includedBy.path)));
  const place = await realpath(resolve(input.cwd, path));
  if (!place.startsWith(folder === sep ? sep : folder + sep)) throw new Error(`it is not below ${folder}`);
  return { ...(await readSpec(place, input)), path };
}

async function readSpec(path: string, { cwd }: SpecInput): Promise<Source> {
  return { path, ...(await readRegularFile(resolve(cwd, path), MAX_INTROSPECTION_BYTES)) };
}

/** Reads standard input until it exceeds the limit for specs. The parser then rejects the text as too large. */
async function readStdin(input: SpecInput): Promise<Source> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of input.stdin()) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > MAX_INTROSPECTION_BYTES) return { path: "<stdin>", content: "", size: Number.POSITIVE_INFINITY };
  }
  return { path: "<stdin>", content: Buffer.concat(chunks) };
}
