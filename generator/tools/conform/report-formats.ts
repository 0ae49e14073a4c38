/** Formats of a report: human-readable text, and text for programs and CI services. */
export const REPORT_FORMATS = ["text", "json", "junit"] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];
