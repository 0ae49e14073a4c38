import { compareText, type Diagnostic } from "../diagnostics/diagnostic.ts";
import type { OutputFile } from "../print/print.ts";

/** An entry of the output folder: a generated file (`ours`), a file of another origin, or not a regular file. */
export type ExistingFile =
  | { readonly kind: "ours"; readonly text: string }
  | { readonly kind: "foreign" }
  | { readonly kind: "not-a-file" };

/** The changes that bring the output folder up to date. */
export interface WritePlan {
  readonly steps: readonly WriteStep[];
  /** Paths that cannot be written. If there are any, the plan is not applied. */
  readonly refused: readonly { readonly path: string; readonly reason: string }[];
}

export type WriteStep =
  | { readonly kind: "create"; readonly path: string; readonly text: string }
  | { readonly kind: "update"; readonly path: string; readonly text: string; readonly before: string }
  | { readonly kind: "keep"; readonly path: string }
  | { readonly kind: "delete"; readonly path: string; readonly before: string };

/**
 * Compares generated files with those of the output folder. Only files with the header of this generator are replaced
 * or deleted.
 */
export function planWrites(files: readonly OutputFile[], existing: ReadonlyMap<string, ExistingFile>): WritePlan {
  const steps: WriteStep[] = [];
  const refused: WritePlan["refused"][number][] = [];
  for (const { path, text } of files) {
    const before = existing.get(path);
    if (before === undefined) steps.push({ kind: "create", path, text });
    else if (before.kind === "foreign") refused.push({ path, reason: "it exists and was not generated" });
    else if (before.kind === "not-a-file") refused.push({ path, reason: "it is a link or not a regular file" });
    else
      steps.push(before.text === text ? { kind: "keep", path } : { kind: "update", path, text, before: before.text });
  }
  const wanted = new Set(files.map(({ path }) => path));
  for (const [path, before] of existing)
    if (before.kind === "ours" && !wanted.has(path)) steps.push({ kind: "delete", path, before: before.text });
  return { steps: steps.toSorted((a, b) => compareText(a.path, b.path)), refused };
}

/**
 * Returns why the deletions of a plan may be caused by a mistake in the specs; undefined if nothing indicates a
 * mistake.
 */
export function doubtfulDeletion({ steps }: WritePlan, diagnostics: readonly Diagnostic[]): string | undefined {
  const deleted = steps.filter(({ kind }) => kind === "delete").length;
  if (deleted === 0) return undefined;
  if (deleted === steps.length) return "the specs declare no interface, so all modules would be deleted";
  const unknown = diagnostics.find(({ code }) => code === "unknown-element");
  if (unknown === undefined) return undefined;
  const modules = deleted === 1 ? "1 module" : `${deleted} modules`;
  return `${modules} would be deleted, but ${unknown.span.source.path} has an unknown element: it may be misspelled`;
}
