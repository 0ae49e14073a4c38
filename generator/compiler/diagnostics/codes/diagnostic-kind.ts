import type { SpecExplanation } from "../example.ts";

/** A kind of diagnostic with its documentation. */
export interface DiagnosticKind extends SpecExplanation {
  /** Severity of the problem. A note requires no action. */
  readonly severity: "error" | "warning" | "note";
  /** What is wrong, in one line without a period. */
  readonly title: string;
}

/** Kinds of diagnostics by code. */
export type DiagnosticKinds = Readonly<Record<string, DiagnosticKind>>;
