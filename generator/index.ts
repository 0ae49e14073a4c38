export type { Code, Severity } from "./diagnostics/codes.ts";
export type { Diagnostic } from "./diagnostics/diagnostic.ts";
export { type Format, type JsonDiagnostic, render, toJson } from "./diagnostics/render.ts";
export { type Source, SourceText, type Span } from "./diagnostics/source.ts";
export { type GenerateOptions, type GenerateResult, generate } from "./generate.ts";
export type { OutputFile } from "./print/print.ts";
