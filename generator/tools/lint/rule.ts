import type { Severity } from "../../compiler/diagnostics/codes.ts";
import type { Advice } from "../../compiler/diagnostics/diagnostic.ts";
import type { Span } from "../../compiler/diagnostics/source.ts";
import type { Introspection } from "../../compiler/read/introspection.ts";
import type { Ir } from "../../compiler/resolve/ir.ts";

/** What rules look at: specs without errors. */
export interface Subject {
  readonly ir: Ir;
  /** The specs file by file, for what the IR leaves out. */
  readonly specs: readonly Introspection[];
}

/** What a rule found, and where. */
export interface Finding extends Advice {
  readonly span: Span;
  readonly message: string;
}

/** Rules of one purpose, which can be set together. */
export const GROUPS = ["docs", "naming", "design", "types"] as const;
export type Group = (typeof GROUPS)[number];

/** One question about specs; its code is its key in the table of rules. */
export interface Rule {
  readonly group: Group;
  /** What its findings are unless the user says otherwise. */
  readonly severity: Exclude<Severity, "note"> | "off";
  readonly title: string;
  check(subject: Subject): Iterable<Finding>;
}
