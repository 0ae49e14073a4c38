import { lstat, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Existing, planWrites, type WritePlan } from "../../compiler/write/plan.ts";
import type { Introspected } from "./introspect.ts";

/** The first line of spec files that may be replaced: whoever edits one by hand removes it. */
const MARKER = "<!-- Introspected by dbus-codegen; without this line the file is yours.";

/** What writing specs into a folder changes there. Files that do not carry the marker are refused. */
export async function planSpecs({ specs }: Introspected, name: string, folder: string): Promise<WritePlan> {
  const files = specs.map(({ path, content }) => ({ path, text: `${MARKER} From ${name}. -->\n${content}` }));
  const existing = new Map<string, Existing>();
  for (const { path } of files) {
    const found = await readExisting(join(folder, path));
    if (found !== undefined) existing.set(path, found);
  }
  return planWrites(files, existing);
}

async function readExisting(path: string): Promise<Existing | undefined> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return undefined;
  if (!found.isFile()) return { kind: "not-a-file" };
  const text = await readFile(path, "utf8");
  return text.startsWith(MARKER) ? { kind: "ours", text } : { kind: "foreign" };
}
