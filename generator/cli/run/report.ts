import type { Severity } from "../../compiler/diagnostics/codes.ts";
import { type Diagnostic, selectDiagnostics } from "../../compiler/diagnostics/diagnostic.ts";
import type { Format } from "../../compiler/diagnostics/formats.ts";
import { renderLines } from "../../compiler/diagnostics/render.ts";
import { jsonLines } from "../../compiler/text/escape.ts";
import type { Line } from "../../compiler/text/terminal.ts";
import type { Shell } from "../shell.ts";
import { packageVersion } from "./package-versions.ts";

/** Returns a number with its noun in the singular or plural. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** Returns the number of diagnostics that are errors. */
export function countErrors(diagnostics: readonly Diagnostic<string>[]): number {
  return countOf("error", diagnostics);
}

/** Returns the number of diagnostics of a severity. */
export function countOf(severity: Severity, diagnostics: readonly Diagnostic<string>[]): number {
  return diagnostics.filter((diagnostic) => diagnostic.severity === severity).length;
}

/** Largest number of diagnostics in a text. The formats json and sarif contain all. */
const MAX_SHOWN = 1000;

/**
 * Returns at most 1,000 diagnostics as lines. If there are more, errors are preferred, and the last line states how
 * many are left out.
 */
export function diagnosticLines(
  diagnostics: readonly Diagnostic<string>[],
  format: Exclude<Format, "json"> = "frame",
): readonly Line[] {
  if (diagnostics.length <= MAX_SHOWN) return renderLines(diagnostics, format);
  const lines = renderLines(selectDiagnostics(diagnostics, MAX_SHOWN), format);
  return [...lines, `and ${diagnostics.length - MAX_SHOWN} more problems, which are not shown`];
}

/** Prints findings as one SARIF log. */
export async function printSarif(diagnostics: readonly Diagnostic<string>[], shell: Shell): Promise<void> {
  const { toSarif } = await import("../../compiler/diagnostics/sarif.ts");
  const { topicOf } = await import("../../tools/explain/explain.ts");
  const log = toSarif(diagnostics, packageVersion(), (code) => topicOf(code));
  printJson(log, shell);
}

/**
 * Prints a value as JSON.
 * @param indent - Blanks per level; 0: one line.
 */
export function printJson(value: unknown, shell: Shell, indent = 2): void {
  shell.printOutput(jsonLines(value, indent));
}
