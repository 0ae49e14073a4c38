import { mkdir, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { createTwoFilesPatch } from "diff";
import { build, inputsOf, type OutputProject } from "../config/build.ts";
import type { Project } from "../config/project.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { type Format, render, toJson } from "../diagnostics/render.ts";
import { depsFile, fitsDepsFile } from "../write/deps.ts";
import { apply } from "../write/folder.ts";
import type { Step, WritePlan } from "../write/plan.ts";
import { withProgress } from "./progress.ts";
import { EXIT, type Shell, UsageError } from "./shell.ts";
import type { FoundSpecs } from "./specs.ts";

/** What a run does with what it generates, and how it tells. */
export interface Manner {
  readonly mode: "write" | "check" | "dry-run";
  readonly format: Format;
  /** There are several runs: a document of JSON is one line. */
  readonly isRepeated: boolean;
  readonly deps?: { readonly file: string; readonly target?: string };
}

/** A project that can be run. Throws UsageError where specs or output folder are named nowhere. */
export function outputProject(project: Project): OutputProject {
  const { specs, out, configFiles } = project;
  const or = configFiles[0] === undefined ? "write dbus-codegen.config.ts" : `say it in ${configFiles[0]}`;
  const call = "dbus-codegen generate <specs…> -o <folder>";
  if (specs.length === 0) throw new UsageError(`name the specs: ${call}, or ${or}`);
  if (out === undefined) throw new UsageError(`name the output folder: ${call}, or ${or}`);
  return { ...project, out };
}

/** Specs to modules in a folder, or a comparison of the two. Gives the exit code. */
export async function runGenerate(
  project: OutputProject,
  found: FoundSpecs,
  manner: Manner,
  shell: Shell,
): Promise<number> {
  const started = performance.now();
  const { files, diagnostics, plan } = await withProgress(shell, (step) => build(project, found, step));
  if (plan === undefined) {
    report(manner, diagnostics, [], shell);
    const errors = diagnostics.filter(({ severity }) => severity === "error").length;
    shell.talk(`${count(errors, "error")} in ${count(found.sources.length, "spec")}, nothing written\n`);
    return EXIT.findings;
  }
  if (plan.refused.length > 0)
    throw new UsageError(
      plan.refused.map(({ path, reason }) => `will not write ${project.out}/${path}: ${reason}`).join("\n"),
    );
  report(manner, diagnostics, plan.steps, shell);
  if (manner.mode === "check") return reportCheck(manner, project.out, plan, shell);
  if (manner.mode === "write") await apply(resolve(shell.cwd, project.out), plan);
  if (manner.deps)
    await writeDeps(
      manner.deps,
      project,
      found,
      files.map(({ path }) => path),
      shell,
    );
  shell.talk(`${summary(plan, manner.mode)} in ${Math.round(performance.now() - started)} ms\n`);
  return EXIT.fine;
}

/** Diagnostics, and for programs the steps too. */
function report(
  { format, mode, isRepeated }: Manner,
  diagnostics: readonly Diagnostic[],
  steps: readonly Step[],
  shell: Shell,
): void {
  if (format === "json") {
    const files = steps.map(({ kind, path }) => ({ path, change: kind }));
    const result = { version: 1, mode, files, diagnostics: diagnostics.map(toJson) };
    shell.out(`${JSON.stringify(result, undefined, isRepeated ? 0 : 2)}\n`);
  } else shell.talk(render(diagnostics, format, shell.color));
}

function reportCheck({ format }: Manner, out: string, { steps }: WritePlan, shell: Shell): number {
  if (format !== "json") for (const step of steps) shell.out(patch(out, step));
  const changes = steps.filter(({ kind }) => kind !== "keep").length;
  shell.talk(
    changes === 0
      ? `${count(steps.length, "file")} up to date\n`
      : `${count(changes, "file")} of ${out} would change; run dbus-codegen generate\n`,
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
  );
}

/** Writes what the modules, or a target that stands for them, depend on. */
async function writeDeps(
  { file, target }: NonNullable<Manner["deps"]>,
  project: OutputProject,
  found: FoundSpecs,
  modules: readonly string[],
  shell: Shell,
): Promise<void> {
  const targets = target === undefined ? modules.map((path) => `${project.out}/${path}`) : [target];
  const { files, folders } = inputsOf(project, found);
  const wrong = [...targets, ...files, ...folders].find((path) => !fitsDepsFile(path));
  if (wrong !== undefined) throw new UsageError(`--deps: make has no way to write the path ${JSON.stringify(wrong)}`);
  const path = resolve(shell.cwd, file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, depsFile(targets, [...files, ...folders]));
}

function summary({ steps }: WritePlan, mode: Manner["mode"]): string {
  const of = (kind: Step["kind"]): number => steps.filter((step) => step.kind === kind).length;
  const written = of("create") + of("update");
  const deleted = of("delete") === 0 ? "" : `, ${of("delete")} ${mode === "write" ? "deleted" : "to delete"}`;
  return `${written} ${mode === "write" ? "written" : "to write"}, ${of("keep")} unchanged${deleted}`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
