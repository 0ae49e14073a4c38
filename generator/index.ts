// From TypeScript 6 on, the types of Node are not included unless a project names them.
/// <reference types="node" preserve="true" />
export { type Config, defineConfig } from "./cli/config/config.ts";
export { type Analysis, type AnalyzeOptions, analyze, assignNames, type Overrides } from "./compiler/analyze.ts";
export type { Code, Severity } from "./compiler/diagnostics/codes.ts";
export { type Advice, type Diagnostic, Diagnostics } from "./compiler/diagnostics/diagnostic.ts";
export type { Format } from "./compiler/diagnostics/formats.ts";
export { type JsonDiagnostic, type JsonRange, render, toJson } from "./compiler/diagnostics/render.ts";
export { type Source, SourceText, type Span } from "./compiler/diagnostics/source.ts";
export type { EmitTarget } from "./compiler/emit/emit.ts";
export { type GenerateOptions, type GenerateResult, generate } from "./compiler/generate.ts";
export type {
  ExportName,
  InterfaceNames,
  ModuleOwner,
  Nameable,
  NamedMember,
  Names,
} from "./compiler/names/identifiers.ts";
export type { NameOverrides } from "./compiler/names/name-overrides.ts";
export type { OutputFile } from "./compiler/print/print.ts";
export type { Introspection } from "./compiler/read/introspection.ts";
export type { AnnotationOverrides } from "./compiler/resolve/annotation-overrides.ts";
export type { Emits, MethodAnnotations, PropertyAnnotations } from "./compiler/resolve/annotation-table.ts";
export type { Block, Definition, Doc, Inline } from "./compiler/resolve/doc.ts";
export type * from "./compiler/resolve/ir.ts";
export type { Change } from "./tools/breaking/change.ts";
export type { Bump, ChangeClass, Target } from "./tools/breaking/change-kind.ts";
export type { ChangeCode } from "./tools/breaking/change-kinds.ts";
export { type CompareOptions, type CompareResult, compareSpecs } from "./tools/breaking/compare-specs.ts";
export { changeToDiagnostic, changeToJson, type JsonChange } from "./tools/breaking/report.ts";
export { type LintOptions, type LintResult, lint } from "./tools/lint/lint.ts";
export type { RuleName } from "./tools/lint/rules.ts";
export type { RuleKey, Rules, Setting } from "./tools/lint/settings.ts";
