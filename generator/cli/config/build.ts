import { resolve } from "node:path";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { generateWithProgress } from "../../compiler/generate.ts";
import type { OutputFile } from "../../compiler/print/print.ts";
import { readFolder } from "../../compiler/write/output-folder.ts";
import { planWrites, type WritePlan } from "../../compiler/write/write-plan.ts";
import type { Rules } from "../../tools/lint/settings.ts";
import type { Project } from "./project.ts";
import type { SpecFiles } from "./specs.ts";

/** The modules of a project, not yet written. */
export interface BuildResult {
  readonly files: readonly OutputFile[];
  readonly diagnostics: readonly Diagnostic[];
  /** Files to write and to delete; absent if a diagnostic is an error. */
  readonly plan?: WritePlan;
}

/** A project whose output folder is set. */
export type OutputProject = Project & { readonly out: string };

/**
 * Generates the modules of a project and compares them with its output folder. Nothing is written.
 * @param setStatus - Called with a description of the progress.
 */
export async function buildProject(
  { cwd, out, options, rules }: OutputProject,
  { sources }: SpecFiles,
  setStatus: (text: string) => void = () => {},
): Promise<BuildResult> {
  setStatus(`generating from ${sources.length} ${sources.length === 1 ? "spec" : "specs"}`);
  const result = await generateWithProgress(sources, options, (printed, all) =>
    setStatus(`generating: ${printed} of ${all} modules`),
  );
  const { files } = result;
  const diagnostics = await withSeverities(result.diagnostics, rules);
  if (diagnostics.some(({ severity }) => severity === "error")) return { files, diagnostics };
  return { files, diagnostics, plan: planWrites(files, await readFolder(resolve(cwd, out))) };
}

/** Applies the configured severities of warnings and notes. The settings of lint rules have no effect here. */
async function withSeverities(diagnostics: readonly Diagnostic[], rules: Rules): Promise<readonly Diagnostic[]> {
  if (Object.keys(rules).length === 0) return diagnostics;
  // The settings import all lint rules.
  const { configuredDiagnostics } = await import("../../tools/lint/settings.ts");
  return configuredDiagnostics(diagnostics, rules);
}

/** Files and folders that decide the result of a run. */
export interface Inputs {
  readonly files: readonly string[];
  /** Folders in which files can be added or removed. */
  readonly folders: readonly string[];
}

/**
 * Returns the inputs of a run. Without `specFiles`, before the specs are read, these are the paths in the settings of
 * the project.
 */
export function projectInputs({ specs, overlays, configFiles }: Project, specFiles?: SpecFiles): Inputs {
  const paths = [...specs.filter((path) => path !== "-"), ...overlays];
  if (specFiles === undefined) return { files: [...configFiles, ...paths], folders: paths };
  const { sources, missing, folders } = specFiles;
  const read = sources.map(({ path }) => path).filter((path) => path !== "<stdin>");
  return { files: [...configFiles, ...read, ...missing], folders };
}
