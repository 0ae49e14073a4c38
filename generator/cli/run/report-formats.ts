import { FORMATS } from "../../compiler/diagnostics/formats.ts";

/** Formats of findings: those of diagnostics, and SARIF for code scanning. */
export const REPORT_FORMATS = [...FORMATS, "sarif"] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];
