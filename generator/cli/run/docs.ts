import { resolve } from "node:path";
import { planWrites } from "../../compiler/write/write-plan.ts";
import { readAssets } from "../../tools/site/assets.ts";
import { documentSpecs } from "../../tools/site/document.ts";
import { readSiteFolder } from "../../tools/site/folder.ts";
import type { Project } from "../config/project.ts";
import { readSpecs } from "../config/specs.ts";
import { EXIT, type Shell } from "../shell.ts";
import { applyOutput, checkRefused, compareOutput } from "./output-plan.ts";
import { count, countErrors, diagnosticLines } from "./report.ts";

export interface DocsArguments {
  readonly project: Project;
  readonly out: string;
  readonly format: "html" | "markdown";
  readonly title: string;
  /** Whether the present files are compared and nothing is written. */
  readonly check: boolean;
}

/** Writes or compares a reference of specs and returns the exit code. */
export async function runDocs({ project, out, format, title, check }: DocsArguments, shell: Shell): Promise<number> {
  const startMs = performance.now();
  const [sources, assets] = await Promise.all([readSpecs(project, shell), readAssets()]);
  const { files, diagnostics } = documentSpecs(
    sources,
    { ...project.options, format, title, services: project.services },
    assets,
  );
  shell.printError(diagnosticLines(diagnostics));
  const errors = countErrors(diagnostics);
  if (errors > 0) {
    shell.printError([`${count(errors, "error")}, nothing written`]);
    return EXIT.findings;
  }
  const output = { out, plan: planWrites(files, await readSiteFolder(resolve(shell.cwd, out))) };
  checkRefused(output);
  if (check) return compareOutput(output, "docs", true, shell);
  await applyOutput(output, "write", startMs, shell);
  return EXIT.success;
}
