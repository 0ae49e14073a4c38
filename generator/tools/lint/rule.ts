import type { Severity } from "../../compiler/diagnostics/codes.ts";
import type { Advice } from "../../compiler/diagnostics/diagnostic.ts";
import type { Example, Explanation } from "../../compiler/diagnostics/example.ts";
import type { Span } from "../../compiler/diagnostics/source.ts";
import type { Introspection } from "../../compiler/read/introspection.ts";
import type { Ir } from "../../compiler/resolve/ir.ts";

/** The input of all rules: specs without errors. */
export interface LintInput {
  readonly ir: Ir;
  /** The introspection model of each file, for declarations that the IR does not contain. */
  readonly specs: readonly Introspection[];
  /** Percentage of dictionaries that `dictionary-coverage` requires to be declared. */
  readonly minDictionaryPercent: number;
}

/** One result of a rule: a problem and its position in a spec. */
export interface Finding extends Advice {
  readonly span: Span;
  readonly message: string;
}

/** Groups of rules. The setting `rules` of a config can set all rules of a group together. */
export const GROUPS = ["docs", "naming", "design", "types"] as const;
export type Group = (typeof GROUPS)[number];

/** A lint rule with its documentation. */
export interface Rule<Code extends string = string> extends Explanation {
  /** The name of the rule in reports and configs. It never changes. */
  readonly code: Code;
  readonly group: Group;
  /** The default severity of its findings. */
  readonly severity: Exclude<Severity, "note"> | "off";
  readonly title: string;
  /** Specs in which the rule finds a problem. */
  readonly bad: Example;
  /** The specs of `bad` without the problem. */
  readonly good: Example;
  /** Codes of other rules that `bad` violates. */
  readonly also?: readonly string[];
  /** Returns all problems that the rule finds in specs. */
  check(input: LintInput): Iterable<Finding>;
}

/** Returns the given rules. The type of the result contains their codes as literals. */
export function defineRules<Code extends string>(rules: readonly Rule<Code>[]): readonly Rule<Code>[] {
  return rules;
}
