import { resolve } from "node:path";
import { createTwoFilesPatch, FILE_HEADERS_ONLY } from "diff";
import { applyWritePlan } from "../../compiler/write/output-folder.ts";
import type { WritePlan, WriteStep } from "../../compiler/write/write-plan.ts";
import { EXIT, type Shell } from "../shell.ts";
import { UsageError } from "../usage-error.ts";
import { count } from "./report.ts";

/** What a run does with a write plan: execute it, compare it with the present files, or only count. */
export type WriteMode = "write" | "check" | "dry-run";

/** A write plan for an output folder. */
export interface OutputPlan {
  /** Output folder as the user names it. */
  readonly out: string;
  readonly plan: WritePlan;
}

/** Throws UsageError if a plan would replace a file that was not generated. */
export function checkRefused({ out, plan: { refused } }: OutputPlan): void {
  if (refused.length === 0) return;
  throw new UsageError(refused.map(({ path, reason }) => `will not write ${out}/${path}: ${reason}`).join("\n"));
}

/**
 * Executes a plan, unless this is a dry run, and prints a summary.
 * @param startMs - Start of the run, a value of `performance.now`.
 */
export async function writeOutput(
  { out, plan }: OutputPlan,
  mode: Exclude<WriteMode, "check">,
  startMs: number,
  shell: Shell,
): Promise<void> {
  if (mode === "write") await applyWritePlan(resolve(shell.cwd, out), plan);
  shell.writeError(`${summary(plan, mode)} in ${Math.round(performance.now() - startMs)} ms\n`);
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
  if (showsPatch) for (const step of steps) shell.writeOutput(patch(out, step));
  const changes = steps.filter(({ kind }) => kind !== "keep").length;
  shell.writeError(
    changes === 0
      ? `${count(steps.length, "file")} up to date\n`
      : `${count(changes, "file")} of ${out} would change; run dbus-codegen ${command}\n`,
  );
  return changes === 0 ? EXIT.success : EXIT.findings;
}

function patch(out: string, step: WriteStep): string {
  if (step.kind === "keep") return "";
  const name = `${out}/${step.path}`;
  const before = step.kind === "create" ? "" : step.before;
  const after = step.kind === "delete" ? "" : step.text;
  return createTwoFilesPatch(
    step.kind === "create" ? "/dev/null" : name,
    step.kind === "delete" ? "/dev/null" : name,
    before,
    after,
    undefined,
    undefined,
    { headerOptions: FILE_HEADERS_ONLY },
  );
}

function summary({ steps }: WritePlan, mode: WriteMode): string {
  const countOf = (kind: WriteStep["kind"]): number => steps.filter((step) => step.kind === kind).length;
  const written = countOf("create") + countOf("update");
  const deletedNote =
    countOf("delete") === 0 ? "" : `, ${countOf("delete")} ${mode === "write" ? "deleted" : "to delete"}`;
  return `${written} ${mode === "write" ? "written" : "to write"}, ${countOf("keep")} unchanged${deletedNote}`;
}
