import { readFiles } from "../../compiler/write/output-folder.ts";
import { planWrites, type WritePlan } from "../../compiler/write/write-plan.ts";
import type { IntrospectResult } from "./introspect.ts";

/** The beginning of spec files that may be overwritten. Users remove the line from a file that they edit. */
const MARKER = "<!-- Introspected by dbus-codegen; without this line the file is yours.";

/** Plans to write specs into a folder. Existing files without the marker are not overwritten. */
export async function planSpecs({ specs }: IntrospectResult, name: string, folder: string): Promise<WritePlan> {
  const files = specs.map(({ path, content }) => ({ path, text: `${MARKER} From ${name}. -->\n${content}` }));
  const names = new Set(files.map(({ path }) => path));
  const isSelected = (path: string): boolean => names.has(path);
  return planWrites(files, await readFiles(folder, isSelected, (text) => text.startsWith(MARKER)));
}
