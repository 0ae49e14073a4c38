import type { Dirent } from "node:fs";
import { open, readdir, stat } from "node:fs/promises";
import { relative, resolve, sep } from "node:path";
import { Diagnostics } from "../../compiler/diagnostics/diagnostic.ts";
import type { Source } from "../../compiler/diagnostics/source.ts";
import { MAX_SPEC_BYTES } from "../../compiler/read/decode.ts";
import { includes } from "../../compiler/read/read.ts";
import { UsageError } from "../usage-error.ts";

/** Where specs are read. */
export interface Place {
  readonly cwd: string;
  stdin(): AsyncIterable<Uint8Array>;
}

/** Specs, and where they were looked for; paths are relative to the working folder. */
export interface FoundSpecs {
  readonly sources: readonly Source[];
  /** The folders that were named, with those below them. */
  readonly folders: readonly string[];
  /** Files that are included and could not be read. */
  readonly missing: readonly string[];
}

/** Reads the specs that are named: files, folders with all `.xml` below them, `-` for standard input. */
export async function readSpecs(names: readonly string[], place: Place): Promise<readonly Source[]> {
  return (await findSpecs(names, place)).sources;
}

/** Reads specs as `readSpecs` does, and tells where they were looked for. */
export async function findSpecs(names: readonly string[], place: Place): Promise<FoundSpecs> {
  const sources = new Map<string, Source>();
  const folders: string[] = [];
  const missing: string[] = [];
  const add = (source: Source): void => void sources.set(source.path, source);
  for (const name of names) {
    if (name === "-") add({ path: "<stdin>", content: await readAtMost(place.stdin()) });
    else {
      const found = await lookAt(name, place);
      folders.push(...found.folders);
      for (const path of found.files) add(await readSpec(path, place));
    }
  }
  // A file that is included counts as given; the list grows while it is walked.
  for (const source of sources.values()) {
    for (const path of includes(source, new Diagnostics())) {
      if (!sources.has(path)) await readSpec(path, place).then(add, () => void missing.push(path));
    }
  }
  return { sources: [...sources.values()], folders, missing };
}

async function lookAt(
  name: string,
  place: Place,
): Promise<{ readonly files: readonly string[]; readonly folders: readonly string[] }> {
  const path = resolve(place.cwd, name);
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new UsageError(`there is no file or folder "${name}"`);
  if (!found.isDirectory()) return { files: [shown(path, place)], folders: [] };
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const pathOf = (entry: Dirent): string => shown(resolve(entry.parentPath, entry.name), place);
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith(".xml")).map(pathOf);
  if (files.length === 0) throw new UsageError(`there is no .xml file in "${name}"`);
  const folders = [shown(path, place), ...entries.filter((entry) => entry.isDirectory()).map(pathOf)];
  return { files: files.toSorted(), folders: folders.toSorted() };
}

/** A path as messages show it: relative to the working folder, with `/`. */
function shown(path: string, { cwd }: Place): string {
  return relative(cwd, path).split(sep).join("/");
}

async function readSpec(path: string, { cwd }: Place): Promise<Source> {
  const file = await open(resolve(cwd, path));
  try {
    return { path, content: await readAtMost(file.createReadStream({ autoClose: false })) };
  } finally {
    await file.close();
  }
}

/** Reads a little more than a spec may have, so that one that is too large is seen to be. */
async function readAtMost(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_SPEC_BYTES) break;
  }
  return Buffer.concat(chunks);
}
