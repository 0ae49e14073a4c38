import { dirname, resolve } from "node:path";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { toJson } from "../../compiler/diagnostics/render.ts";
import type { OutputFile } from "../../compiler/print/print.ts";
import { depsFile, fitsDepsFile } from "../../compiler/write/dependency-file.ts";
import { makeFolder, replaceFile } from "../../compiler/write/output-folder.ts";
import type { WriteStep } from "../../compiler/write/write-plan.ts";
import { buildProject, type OutputProject, projectInputs } from "../config/build.ts";
import type { Project } from "../config/project.ts";
import { readSpecFiles, type SpecFiles } from "../config/specs.ts";
import { EXIT, type Shell } from "../shell.ts";
import { UsageError } from "../usage-error.ts";
import { applyOutput, checkDeletions, checkRefused, compareOutput, type WriteMode } from "./output-plan.ts";
import { missingSettingError } from "./project.ts";
import { count, countErrors, diagnosticLines, printJson, printSarif } from "./report.ts";
import type { ReportFormat } from "./report-formats.ts";
import { withStatusLine } from "./status-line.ts";

export interface GenerateRunOptions {
  readonly mode: WriteMode;
  /** Whether modules are deleted even if a mistake in the specs may be the reason. */
  readonly isForced: boolean;
  readonly format: ReportFormat;
  /** Whether further runs follow. Each run then prints its JSON on one line. */
  readonly isRepeated: boolean;
  /** Dependency file to write. Its target is `target`, or all modules by default. */
  readonly deps?: { readonly file: string; readonly target?: string };
  /** Usage of the command, for messages. */
  readonly usage: string;
}

/** Generates the modules of a project and returns the exit code. */
export async function generateOnce(project: Project, options: GenerateRunOptions, shell: Shell): Promise<number> {
  const output = toOutputProject(project, options.usage);
  return runGenerate(output, await readSpecFiles(output, shell), options, shell);
}

/** Returns a project with its output folder. Throws UsageError if its specs or output folder are not set. */
export function toOutputProject(project: Project, usage: string): OutputProject {
  const { specs, out } = project;
  if (specs.length === 0) throw missingSettingError("the specs", usage, project);
  if (out === undefined) throw missingSettingError("the output folder", usage, project);
  return { ...project, out };
}

/** Generates modules from specs, writes or compares them and returns the exit code. */
export async function runGenerate(
  project: OutputProject,
  specFiles: SpecFiles,
  options: GenerateRunOptions,
  shell: Shell,
): Promise<number> {
  const startMs = performance.now();
  const { files, diagnostics, plan } = await withStatusLine(shell, (setStatus) =>
    buildProject(project, specFiles, setStatus),
  );
  if (plan === undefined) {
    await report(options, diagnostics, [], shell);
    const errors = count(countErrors(diagnostics), "error");
    shell.printError([`${errors} in ${count(specFiles.sources.length, "spec")}, nothing written`]);
    return EXIT.findings;
  }
  const output = { out: project.out, plan };
  checkRefused(output);
  await report(options, diagnostics, plan.steps, shell);
  if (options.mode === "check")
    return compareOutput(output, "generate", options.format !== "json" && options.format !== "sarif", shell);
  if (options.mode === "write" && !options.isForced) checkDeletions(output, diagnostics);
  const deps = options.deps && dependencyFile(options.deps, project, specFiles, files);
  await applyOutput(output, options.mode, startMs, shell);
  if (deps) {
    const path = resolve(shell.cwd, deps.path);
    await makeFolder(dirname(path));
    await replaceFile(path, deps.text);
  }
  return EXIT.success;
}

/** Prints diagnostics and, as JSON, the steps of the plan. */
async function report(
  { format, mode, isRepeated }: GenerateRunOptions,
  diagnostics: readonly Diagnostic[],
  steps: readonly WriteStep[],
  shell: Shell,
): Promise<void> {
  if (format === "sarif") await printSarif(diagnostics, shell);
  else if (format === "json") {
    const files = steps.map(({ kind, path }) => ({ path, change: kind }));
    printJson({ version: 1, mode, files, diagnostics: diagnostics.map(toJson) }, shell, isRepeated ? 0 : 2);
  } else shell.printError(diagnosticLines(diagnostics, format));
}

/** Returns the dependency file of the modules, or of the target that represents them. */
function dependencyFile(
  { file, target }: NonNullable<GenerateRunOptions["deps"]>,
  project: OutputProject,
  specFiles: SpecFiles,
  modules: readonly OutputFile[],
): { readonly path: string; readonly text: string } {
  const targets = target === undefined ? modules.map(({ path }) => `${project.out}/${path}`) : [target];
  const { files, folders } = projectInputs(project, specFiles);
  const unsupported = [...targets, ...files, ...folders].find((path) => !fitsDepsFile(path));
  if (unsupported !== undefined)
    throw new UsageError(`--deps: a dependency file cannot contain the path "${unsupported}"`);
  return { path: file, text: depsFile(targets, [...files, ...folders]) };
}
