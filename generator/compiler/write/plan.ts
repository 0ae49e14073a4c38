import { compareText } from "../diagnostics/diagnostic.ts";
import type { OutputFile } from "../print/print.ts";

/** What the output folder holds at a path: a file of ours, somebody else's, or something that is no plain file. */
export type Existing =
  | { readonly kind: "ours"; readonly text: string }
  | { readonly kind: "foreign" }
  | { readonly kind: "not-a-file" };

/** What is to be done in the output folder. */
export interface WritePlan {
  readonly steps: readonly Step[];
  /** Paths that cannot be written; with any of these nothing is. */
  readonly refused: readonly { readonly path: string; readonly reason: string }[];
}

export type Step =
  | { readonly kind: "create"; readonly path: string; readonly text: string }
  | { readonly kind: "update"; readonly path: string; readonly text: string; readonly before: string }
  | { readonly kind: "keep"; readonly path: string }
  | { readonly kind: "delete"; readonly path: string; readonly before: string };

/** Compares generated files with what is there. Only files that carry our header are ever replaced or deleted. */
export function planWrites(files: readonly OutputFile[], existing: ReadonlyMap<string, Existing>): WritePlan {
  const steps: Step[] = [];
  const refused: WritePlan["refused"][number][] = [];
  for (const { path, text } of files) {
    const before = existing.get(path);
    if (before === undefined) steps.push({ kind: "create", path, text });
    else if (before.kind === "foreign") refused.push({ path, reason: "it exists and was not generated" });
    else if (before.kind === "not-a-file") refused.push({ path, reason: "it is a link or no plain file" });
    else
      steps.push(before.text === text ? { kind: "keep", path } : { kind: "update", path, text, before: before.text });
  }
  const wanted = new Set(files.map(({ path }) => path));
  for (const [path, before] of existing)
    if (before.kind === "ours" && !wanted.has(path)) steps.push({ kind: "delete", path, before: before.text });
  return { steps: steps.toSorted((a, b) => compareText(a.path, b.path)), refused };
}
