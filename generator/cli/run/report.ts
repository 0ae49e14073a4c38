import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { FORMATS } from "../../compiler/diagnostics/render.ts";
import { packageVersion } from "./package-versions.ts";
import type { Shell } from "../shell.ts";

/** How findings are written: as diagnostics are, or as SARIF for code scanning. */
export const REPORT_FORMATS = [...FORMATS, "sarif"] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** A number of things, in words. */
export function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

/** Writes findings as one SARIF log. The texts of all rules are loaded for it alone. */
export async function printSarif(diagnostics: readonly Diagnostic<string>[], shell: Shell): Promise<void> {
  const { toSarif } = await import("../../compiler/diagnostics/sarif.ts");
  const { topicOf } = await import("../../tools/explain/explain.ts");
  const log = toSarif(diagnostics, packageVersion(), (code) => topicOf(code));
  shell.writeOutput(`${JSON.stringify(log, undefined, 2)}\n`);
}
