import { lstat, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type ExistingFile, planWrites, type WritePlan } from "../../compiler/write/write-plan.ts";
import type { IntrospectResult } from "./introspect.ts";

/** The beginning of spec files that may be overwritten. Users remove the line from a file that they edit. */
const MARKER = "<!-- Introspected by dbus-codegen; without this line the file is yours.";

/** Plans to write specs into a folder. Existing files without the marker are not overwritten. */
export async function planSpecs({ specs }: IntrospectResult, name: string, folder: string): Promise<WritePlan> {
  const files = specs.map(({ path, content }) => ({ path, text: `${MARKER} From ${name}. -->\n${content}` }));
  const existing = new Map<string, ExistingFile>();
  for (const { path } of files) {
    const file = await readExisting(join(folder, path));
    if (file !== undefined) existing.set(path, file);
  }
  return planWrites(files, existing);
}

async function readExisting(path: string): Promise<ExistingFile | undefined> {
  const stats = await lstat(path).catch(() => undefined);
  if (stats === undefined) return undefined;
  if (!stats.isFile()) return { kind: "not-a-file" };
  const text = await readFile(path, "utf8");
  return text.startsWith(MARKER) ? { kind: "ours", text } : { kind: "foreign" };
}
