import { analyze } from "../../compiler/analyze.ts";
import type { DiagnosticKind } from "../../compiler/diagnostics/codes/diagnostic-kind.ts";
import { CODES, type Code } from "../../compiler/diagnostics/codes.ts";
import { type Diagnostic, Diagnostics } from "../../compiler/diagnostics/diagnostic.ts";
import { type Example, sourcesOf } from "../../compiler/diagnostics/example.ts";
import { decideNames } from "../../compiler/names/decide-names.ts";
import { CHANGES, type ChangeCode } from "../breaking/changes.ts";
import { compareSpecs } from "../breaking/compare.ts";
import { explainChange } from "../breaking/explanations.ts";
import { changeToDiagnostic } from "../breaking/report.ts";
import { RULE_EXPLANATIONS } from "../lint/explanations.ts";
import { lint } from "../lint/lint.ts";
import { RULES, type RuleName } from "../lint/rules.ts";
import type { Rules } from "../lint/settings.ts";

/** A code with all that there is to say about it. */
export interface Topic {
  readonly code: string;
  readonly kind: "diagnostic" | "rule" | "change";
  /** What findings of it count as: a severity, a setting, a class of changes. */
  readonly weight: string;
  readonly title: string;
  readonly meaning: string;
  readonly fix: string;
  readonly show?: Demonstration;
}

/** Specs that have a code, and specs that do not. */
export interface Demonstration {
  /** For a change, the version before. */
  readonly before?: Example;
  readonly bad: Example;
  readonly good: Example;
  /** What the tool says about specs like these. */
  run(specs: Example): readonly Diagnostic<string>[];
}

/** Every code of the tool: what may be wrong with specs, what rules ask, how versions differ. */
export function topics(): readonly Topic[] {
  return [...keysOf(CODES).map(diagnosticTopic), ...keysOf(RULES).map(ruleTopic), ...keysOf(CHANGES).map(changeTopic)];
}

/** What there is to say about a code; undefined where there is no such code. */
export function topicOf(code: string): Topic | undefined {
  if (has(CODES, code)) return diagnosticTopic(code);
  if (has(RULES, code)) return ruleTopic(code);
  return has(CHANGES, code) ? changeTopic(code) : undefined;
}

function diagnosticTopic(code: Code): Topic {
  const { title, severity, meaning, fix, bad, good }: DiagnosticKind = CODES[code];
  const show = bad && good && { bad, good, run: diagnose };
  return { code, kind: "diagnostic", weight: severity, title, meaning, fix, ...(show && { show }) };
}

function ruleTopic(code: RuleName): Topic {
  const { title, severity, group } = RULES[code];
  const { meaning, fix, bad, good } = RULE_EXPLANATIONS[code];
  // Examples of other rules would be hard to read if all that stands in them had to be documented.
  const rules: Rules = { ...(group !== "docs" && { docs: "off" }), [code]: severity === "off" ? "warning" : severity };
  const run = (specs: Example): readonly Diagnostic<string>[] => lint(sourcesOf(specs), { rules }).diagnostics;
  return { code, kind: "rule", weight: `${group}, ${severity}`, title, meaning, fix, show: { bad, good, run } };
}

function changeTopic(code: ChangeCode): Topic {
  const { title, class: own } = CHANGES[code];
  const { meaning, fix, before, after, better } = explainChange(code);
  const run = (specs: Example): readonly Diagnostic<string>[] =>
    compareSpecs(labelled(before), sourcesOf(specs)).changes.map(changeToDiagnostic);
  const show = { before, bad: after, good: better, run };
  return { code, kind: "change", weight: own, title, meaning, fix, show };
}

/** Everything that generating from specs would complain about. */
function diagnose(specs: Example): readonly Diagnostic[] {
  const diagnostics = new Diagnostics();
  const { ir } = analyze(sourcesOf(specs), diagnostics);
  if (!diagnostics.hasErrors) decideNames(ir, diagnostics);
  return diagnostics.sorted();
}

/** The version before in a folder of its own, so that messages can tell the two apart. */
function labelled(specs: Example): ReturnType<typeof sourcesOf> {
  return sourcesOf(specs).map(({ path, content }) => ({ path: `before/${path}`, content }));
}

function keysOf<T extends object>(table: T): readonly (keyof T & string)[] {
  return Object.keys(table).filter((key) => has(table, key));
}

function has<T extends object>(table: T, key: string): key is keyof T & string {
  return Object.hasOwn(table, key);
}
