import { open, readdir, stat } from "node:fs/promises";
import { relative, resolve, sep } from "node:path";
import { Diagnostics } from "../diagnostics/diagnostic.ts";
import type { Source } from "../diagnostics/source.ts";
import { MAX_SPEC_BYTES } from "../read/decode.ts";
import { includes } from "../read/read.ts";
import { type Shell, UsageError } from "./shell.ts";

/** Reads the specs that the command line names: files, folders with all `.xml` below them, `-` for standard input. */
export async function readSpecs(names: readonly string[], shell: Shell): Promise<readonly Source[]> {
  const sources = new Map<string, Source>();
  const add = (source: Source): void => void sources.set(source.path, source);
  for (const name of names) {
    if (name === "-") add({ path: "<stdin>", content: await readAtMost(shell.stdin()) });
    else for (const path of await filesAt(name, shell)) add(await readSpec(path, shell));
  }
  // A file that is included counts as given; the list grows while it is walked.
  for (const source of sources.values()) {
    for (const path of includes(source, new Diagnostics())) {
      if (!sources.has(path)) await readSpec(path, shell).then(add, () => undefined);
    }
  }
  return [...sources.values()];
}

async function filesAt(name: string, shell: Shell): Promise<readonly string[]> {
  const path = resolve(shell.cwd, name);
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new UsageError(`there is no file or folder "${name}"`);
  if (!found.isDirectory()) return [shown(path, shell)];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(".xml"))
    .map((entry) => shown(resolve(entry.parentPath, entry.name), shell));
  if (files.length === 0) throw new UsageError(`there is no .xml file in "${name}"`);
  return files.toSorted();
}

/** A path as messages show it: relative to the working folder, with `/`. */
function shown(path: string, shell: Shell): string {
  return relative(shell.cwd, path).split(sep).join("/");
}

async function readSpec(path: string, shell: Shell): Promise<Source> {
  const file = await open(resolve(shell.cwd, path));
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
