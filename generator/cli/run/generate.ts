import { mkdir, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { render, toJson } from "../../compiler/diagnostics/render.ts";
import type { OutputFile } from "../../compiler/print/print.ts";
import { depsFile, fitsDepsFile } from "../../compiler/write/deps.ts";
import type { Step } from "../../compiler/write/plan.ts";
import { build, inputsOf, type OutputProject } from "../config/build.ts";
import type { Project } from "../config/project.ts";
import type { FoundSpecs } from "../config/specs.ts";
import { UsageError } from "../usage-error.ts";
import { withProgress } from "./status-line.ts";
import { unnamed } from "./project.ts";
import { count, printSarif, type ReportFormat } from "./report.ts";
import { EXIT, type Shell } from "../shell.ts";
import { checkRefused, compareOutput, type WriteMode, writeOutput } from "./output-plan.ts";

/** What a run does with what it generates, and how it tells. */
export interface RunOptions {
  readonly mode: WriteMode;
  readonly format: ReportFormat;
  /** There are several runs: a document of JSON is one line. */
  readonly isRepeated: boolean;
  readonly deps?: { readonly file: string; readonly target?: string };
}

/** A project that can be run. Throws UsageError where specs or output folder are named nowhere. */
export function outputProject(project: Project): OutputProject {
  const { specs, out } = project;
  const usage = "generate <specs…> -o <folder>";
  if (specs.length === 0) throw unnamed("the specs", usage, project);
  if (out === undefined) throw unnamed("the output folder", usage, project);
  return { ...project, out };
}

/** Specs to modules in a folder, or a comparison of the two. Gives the exit code. */
export async function runGenerate(
  project: OutputProject,
  found: FoundSpecs,
  manner: RunOptions,
  shell: Shell,
): Promise<number> {
  const started = performance.now();
  const { files, diagnostics, plan } = await withProgress(shell, (step) => build(project, found, step));
  if (plan === undefined) {
    await report(manner, diagnostics, [], shell);
    const errors = diagnostics.filter(({ severity }) => severity === "error").length;
    shell.writeError(`${count(errors, "error")} in ${count(found.sources.length, "spec")}, nothing written\n`);
    return EXIT.findings;
  }
  const output = { out: project.out, plan };
  checkRefused(output);
  await report(manner, diagnostics, plan.steps, shell);
  if (manner.mode === "check")
    return compareOutput(output, "generate", manner.format !== "json" && manner.format !== "sarif", shell);
  const deps = manner.deps && depsOf(manner.deps, project, found, files);
  await writeOutput(output, manner.mode, started, shell);
  if (deps) {
    const path = resolve(shell.cwd, deps.file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, deps.text);
  }
  return EXIT.fine;
}

/** Diagnostics, and for programs the steps too. */
async function report(
  { format, mode, isRepeated }: RunOptions,
  diagnostics: readonly Diagnostic[],
  steps: readonly Step[],
  shell: Shell,
): Promise<void> {
  if (format === "sarif") await printSarif(diagnostics, shell);
  else if (format === "json") {
    const files = steps.map(({ kind, path }) => ({ path, change: kind }));
    const result = { version: 1, mode, files, diagnostics: diagnostics.map(toJson) };
    shell.writeOutput(`${JSON.stringify(result, undefined, isRepeated ? 0 : 2)}\n`);
  } else shell.writeError(render(diagnostics, format, shell.color));
}

/** What the modules, or a target that stands for them, depend on. */
function depsOf(
  { file, target }: NonNullable<RunOptions["deps"]>,
  project: OutputProject,
  found: FoundSpecs,
  modules: readonly OutputFile[],
): { readonly file: string; readonly text: string } {
  const targets = target === undefined ? modules.map(({ path }) => `${project.out}/${path}`) : [target];
  const { files, folders } = inputsOf(project, found);
  const wrong = [...targets, ...files, ...folders].find((path) => !fitsDepsFile(path));
  if (wrong !== undefined) throw new UsageError(`--deps: make has no way to write the path ${JSON.stringify(wrong)}`);
  return { file, text: depsFile(targets, [...files, ...folders]) };
}
