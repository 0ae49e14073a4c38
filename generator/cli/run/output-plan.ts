import { resolve } from "node:path";
import { structuredPatch } from "diff";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { applyWritePlan } from "../../compiler/write/output-folder.ts";
import { doubtfulDeletion, type WritePlan, type WriteStep } from "../../compiler/write/write-plan.ts";
import { EXIT, type Shell } from "../shell.ts";
import { UsageError } from "../usage-error.ts";
import { count } from "./report.ts";

/**
 * What a run does with a write plan: execute it, compare it with the present files, or count the files it would change.
 */
export type WriteMode = "write" | "check" | "dry-run";

/** A write plan for an output folder. */
export interface OutputPlan {
  /** Output folder as the user names it. */
  readonly out: string;
  readonly plan: WritePlan;
}

/** Throws UsageError if a plan would replace a file that was not generated. */
export function checkRefused({ out, plan: { refused } }: OutputPlan): void {
  const [message, ...details] = refused.map(({ path, reason }) => `will not write ${out}/${path}: ${reason}`);
  if (message !== undefined) throw new UsageError(message, { details });
}

/** Throws UsageError if a plan would delete modules, and the reason may be a mistake in the specs. */
export function checkDeletions({ out, plan }: OutputPlan, diagnostics: readonly Diagnostic[]): void {
  const reason = doubtfulDeletion(plan, diagnostics);
  if (reason === undefined) return;
  throw new UsageError(`will not delete modules of ${out}: ${reason}`, {
    details: ["--force deletes them"],
  });
}

/**
 * Executes a plan, unless this is a dry run, and prints a summary.
 * @param startMs - Start of the run, a value of `performance.now`.
 */
export async function applyOutput(
  { out, plan }: OutputPlan,
  mode: Exclude<WriteMode, "check">,
  startMs: number,
  shell: Shell,
): Promise<void> {
  if (mode === "write") await applyWritePlan(resolve(shell.cwd, out), plan);
  shell.printError([`${summary(plan, mode)} in ${Math.round(performance.now() - startMs)} ms`]);
}

/**
 * Compares the files of the output folder with a plan and returns the exit code.
 * @param command - The command that would update the files.
 */
export function compareOutput(
  { out, plan: { steps } }: OutputPlan,
  command: string,
  showsPatch: boolean,
  shell: Shell,
): number {
  if (showsPatch) shell.printOutput(steps.flatMap((step) => patchLines(out, step)));
  const changes = steps.filter(({ kind }) => kind !== "keep").length;
  shell.printError([
    changes === 0
      ? `${count(steps.length, "file")} up to date`
      : `${count(changes, "file")} of ${out} would change; run dbus-codegen ${command}`,
  ]);
  return changes === 0 ? EXIT.success : EXIT.findings;
}

/** Largest number of changed lines that are compared. Files that differ more are shown as deleted and added lines. */
const MAX_CHANGED_LINES = 1000;

/** Returns the lines of a unified diff. */
function patchLines(out: string, step: WriteStep): readonly string[] {
  if (step.kind === "keep") return [];
  const before = step.kind === "create" ? "" : step.before;
  const after = step.kind === "delete" ? "" : step.text;
  const patch = structuredPatch("", "", before, after, "", "", { maxEditLength: MAX_CHANGED_LINES });
  const name = `${out}/${step.path}`;
  return [
    `--- ${step.kind === "create" ? "/dev/null" : name}`,
    `+++ ${step.kind === "delete" ? "/dev/null" : name}`,
    ...(patch?.hunks ?? [wholeHunk(linesOf(before), linesOf(after))]).flatMap((hunk) => [
      `@@ -${hunk.oldLines === 0 ? hunk.oldStart - 1 : hunk.oldStart},${hunk.oldLines} +${hunk.newLines === 0 ? hunk.newStart - 1 : hunk.newStart},${hunk.newLines} @@`,
      ...hunk.lines,
    ]),
  ];
}

function wholeHunk(before: readonly string[], after: readonly string[]) {
  const lines = [...before.map((line) => `-${line}`), ...after.map((line) => `+${line}`)];
  return { oldStart: 1, oldLines: before.length, newStart: 1, newLines: after.length, lines };
}

function linesOf(text: string): readonly string[] {
  return text.replace(/\n$/, "").split("\n");
}

function summary({ steps }: WritePlan, mode: WriteMode): string {
  const countOf = (kind: WriteStep["kind"]): number => steps.filter((step) => step.kind === kind).length;
  const written = countOf("create") + countOf("update");
  const deletedNote =
    countOf("delete") === 0 ? "" : `, ${countOf("delete")} ${mode === "write" ? "deleted" : "to delete"}`;
  return `${written} ${mode === "write" ? "written" : "to write"}, ${countOf("keep")} unchanged${deletedNote}`;
}
