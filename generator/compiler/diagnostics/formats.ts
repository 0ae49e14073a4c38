/**
 * Formats of diagnostics: `frame` shows the source line, `plain` is one line per diagnostic, `json` is for programs,
 * `github` is for annotations of GitHub workflows.
 */
export const FORMATS = ["frame", "plain", "json", "github"] as const;
export type Format = (typeof FORMATS)[number];
