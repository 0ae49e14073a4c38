import { resolve } from "node:path";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { generateWithProgress, type OnPrinted } from "../../compiler/generate.ts";
import type { OutputFile } from "../../compiler/print/print.ts";
import { readFolder } from "../../compiler/write/folder.ts";
import { planWrites, type WritePlan } from "../../compiler/write/plan.ts";
import type { Project } from "./project.ts";
import type { FoundSpecs } from "./specs.ts";

/** What a run would write. */
export interface Built {
  readonly files: readonly OutputFile[];
  readonly diagnostics: readonly Diagnostic[];
  /** Absent where a diagnostic is an error. */
  readonly plan?: WritePlan;
}

/** A project that names its output folder. */
export type OutputProject = Project & { readonly out: string };

/** From the specs of a project to a plan of what is to be written. Writes nothing. */
export async function build(
  { cwd, out, options }: OutputProject,
  { sources }: FoundSpecs,
  onStep: OnStep = () => {},
): Promise<Built> {
  onStep(`generating from ${sources.length} ${sources.length === 1 ? "spec" : "specs"}`);
  const onPrinted: OnPrinted = (printed, all) => onStep(`generating: ${printed} of ${all} modules`);
  const { files, diagnostics } = await generateWithProgress(sources, options, onPrinted);
  if (diagnostics.some(({ severity }) => severity === "error")) return { files, diagnostics };
  return { files, diagnostics, plan: planWrites(files, await readFolder(resolve(cwd, out))) };
}

/** Told what a run is about to do, for a status line. */
export type OnStep = (what: string) => void;

/** Everything that a run depends on: files, and folders for the files that come and go in them. */
export interface Inputs {
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

/** What a run read or sought; before it has found anything, what it is going to look for. */
export function inputsOf({ specs, configFiles }: Project, found?: FoundSpecs): Inputs {
  const named = specs.filter((name) => name !== "-");
  if (found === undefined) return { files: [...configFiles, ...named], folders: named };
  const read = found.sources.map(({ path }) => path).filter((path) => path !== "<stdin>");
  return { files: [...configFiles, ...read, ...found.missing], folders: found.folders };
}
