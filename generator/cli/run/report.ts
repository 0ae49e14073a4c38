import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { FORMATS } from "../../compiler/diagnostics/render.ts";
import type { Shell } from "../shell.ts";
import { packageVersion } from "./package-versions.ts";

/** Formats of findings: those of diagnostics, and SARIF for code scanning. */
export const REPORT_FORMATS = [...FORMATS, "sarif"] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** Returns a number with its noun in the singular or plural. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** Returns the number of diagnostics that are errors. */
export function countErrors(diagnostics: readonly Diagnostic<string>[]): number {
  return diagnostics.filter(({ severity }) => severity === "error").length;
}

/** Prints findings as one SARIF log. */
export async function printSarif(diagnostics: readonly Diagnostic<string>[], shell: Shell): Promise<void> {
  const { toSarif } = await import("../../compiler/diagnostics/sarif.ts");
  const { topicOf } = await import("../../tools/explain/explain.ts");
  const log = toSarif(diagnostics, packageVersion(), (code) => topicOf(code));
  printJson(log, shell);
}

/** Prints a value as indented JSON. */
export function printJson(value: unknown, shell: Shell): void {
  shell.writeOutput(`${JSON.stringify(value, undefined, 2)}\n`);
}
