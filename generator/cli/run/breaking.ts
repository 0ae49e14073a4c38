import { toJson } from "../../compiler/diagnostics/render.ts";
import type { Target } from "../../tools/breaking/change-kind.ts";
import { compareSpecs } from "../../tools/breaking/compare-specs.ts";
import { changeToDiagnostic, changeToJson, summaryOf } from "../../tools/breaking/report.ts";
import type { Project } from "../config/project.ts";
import { readSpecs } from "../config/specs.ts";
import { EXIT, type Shell } from "../shell.ts";
import { readEarlierSpecs } from "./earlier-specs.ts";
import { count, diagnosticLines, printJson, printSarif } from "./report.ts";
import type { ReportFormat } from "./report-formats.ts";

export interface BreakingArguments {
  readonly project: Project;
  /** The earlier version, in the form of `--against`. */
  readonly against: string;
  /** Bus of a running service; default: the session bus. */
  readonly bus: string | undefined;
  /** Targets for which changes of source code are reported. */
  readonly targets: readonly Target[];
  readonly format: ReportFormat;
}

/** Compares specs with an earlier version, prints the changes and returns the exit code. */
export async function runBreaking(
  { project, against, bus, targets, format }: BreakingArguments,
  shell: Shell,
): Promise<number> {
  const after = await readSpecs(project, shell);
  const { sources: before, isLive } = await readEarlierSpecs(against, project, bus, shell);
  const { changes, bump, diagnostics } = compareSpecs(before, after, { ...project.options, targets, live: isLive });
  const findings = [...diagnostics, ...changes.map(changeToDiagnostic)];
  if (format === "sarif") await printSarif(findings, shell);
  else if (format === "json") {
    const result = { changes: changes.map(changeToJson), diagnostics: diagnostics.map(toJson) };
    printJson({ version: 1, against, bump, ...result }, shell);
  } else shell.printOutput(diagnosticLines(findings, format));
  if (diagnostics.length > 0) {
    shell.printError([`${count(diagnostics.length, "error")} in the specs, nothing compared`]);
    return EXIT.findings;
  }
  shell.printError([summaryOf(changes, bump, against)]);
  return changes.every((change) => change.class === "compatible") ? EXIT.success : EXIT.findings;
}
