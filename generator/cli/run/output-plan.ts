import { resolve } from "node:path";
import { createTwoFilesPatch, FILE_HEADERS_ONLY } from "diff";
import { apply } from "../../compiler/write/folder.ts";
import type { Step, WritePlan } from "../../compiler/write/plan.ts";
import { UsageError } from "../usage-error.ts";
import { count } from "./report.ts";
import { EXIT, type Shell } from "../shell.ts";

/** What is done with a plan of files to write. */
export type WriteMode = "write" | "check" | "dry-run";

/** A plan for an output folder, as the user calls it. */
export interface OutputPlan {
  readonly out: string;
  readonly plan: WritePlan;
}

/** Throws UsageError where a plan would replace what is not ours. */
export function checkRefused({ out, plan: { refused } }: OutputPlan): void {
  if (refused.length === 0) return;
  throw new UsageError(refused.map(({ path, reason }) => `will not write ${out}/${path}: ${reason}`).join("\n"));
}

/** Carries out a plan, and says so. */
export async function writeOutput(
  { out, plan }: OutputPlan,
  mode: Exclude<WriteMode, "check">,
  started: number,
  shell: Shell,
): Promise<void> {
  if (mode === "write") await apply(resolve(shell.cwd, out), plan);
  shell.writeError(`${summary(plan, mode)} in ${Math.round(performance.now() - started)} ms\n`);
}

/** Compares what is there with a plan. Gives the exit code. */
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
  return changes === 0 ? EXIT.fine : EXIT.findings;
}

function patch(out: string, step: Step): string {
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
  const of = (kind: Step["kind"]): number => steps.filter((step) => step.kind === kind).length;
  const written = of("create") + of("update");
  const deleted = of("delete") === 0 ? "" : `, ${of("delete")} ${mode === "write" ? "deleted" : "to delete"}`;
  return `${written} ${mode === "write" ? "written" : "to write"}, ${of("keep")} unchanged${deleted}`;
}
