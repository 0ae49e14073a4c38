import { analyze } from "../../compiler/analyze.ts";
import type { DiagnosticKind } from "../../compiler/diagnostics/codes/diagnostic-kind.ts";
import { CODES, type Code } from "../../compiler/diagnostics/codes.ts";
import { type Diagnostic, Diagnostics } from "../../compiler/diagnostics/diagnostic.ts";
import { type Example, type Explanation, sourcesOf } from "../../compiler/diagnostics/example.ts";
import { decideNames } from "../../compiler/names/decide-names.ts";
import { CHANGE_KINDS } from "../breaking/change-kinds.ts";
import { compareSpecs } from "../breaking/compare-specs.ts";
import { changeToDiagnostic } from "../breaking/report.ts";
import { lint } from "../lint/lint.ts";
import { RULES } from "../lint/rules.ts";
import type { Rules } from "../lint/settings.ts";

/** The documentation of one code: a diagnostic, a lint rule or a kind of change. */
export interface Topic extends Explanation {
  readonly code: string;
  readonly kind: "diagnostic" | "rule" | "change";
  /** The severity of a diagnostic, the group and severity of a rule, or the class of a change. */
  readonly category: string;
  readonly title: string;
  /** Specs that demonstrate the code; absent if specs cannot cause it. */
  readonly demonstration?: Demonstration;
}

/** Specs in which a code occurs, and corrected specs in which it does not. */
export interface Demonstration {
  /** The earlier version of the specs, if the finding is about a change. */
  readonly before?: Example;
  readonly bad: Example;
  readonly good: Example;
  /** Codes that `bad` causes besides the documented one. */
  readonly also: readonly string[];
  /** Returns the findings of the tool in specs such as `bad` and `good`. */
  run(specs: Example): readonly Diagnostic<string>[];
}

/** Returns the documentation of all codes: diagnostics, then lint rules, then kinds of changes. */
export function topics(): readonly Topic[] {
  return [...diagnosticCodes().map(diagnosticTopic), ...RULES.map(ruleTopic), ...CHANGE_KINDS.map(changeTopic)];
}

/** Returns the documentation of a code, or undefined if the code does not exist. */
export function topicOf(code: string): Topic | undefined {
  return topics().find((topic) => topic.code === code);
}

function diagnosticTopic(code: Code): Topic {
  const { title, severity, meaning, fix, bad, good, also = [] }: DiagnosticKind = CODES[code];
  const demonstration = bad && good && { bad, good, also, run: diagnose };
  return { code, kind: "diagnostic", category: severity, title, meaning, fix, ...(demonstration && { demonstration }) };
}

function ruleTopic({
  code,
  group,
  severity,
  title,
  meaning,
  fix,
  bad,
  good,
  also = [],
}: (typeof RULES)[number]): Topic {
  // Examples of the other groups are not documented, so that they stay short.
  const rules: Rules = { ...(group !== "docs" && { docs: "off" }), [code]: severity === "off" ? "warning" : severity };
  const run = (specs: Example): readonly Diagnostic<string>[] => lint(sourcesOf(specs), { rules }).diagnostics;
  const demonstration = { bad, good, also, run };
  return { code, kind: "rule", category: `${group}, ${severity}`, title, meaning, fix, demonstration };
}

function changeTopic(kind: (typeof CHANGE_KINDS)[number]): Topic {
  const { code, title, meaning, fix, before, after, better, also } = kind;
  // The version before gets a separate folder, so that messages show which version they refer to.
  const old = sourcesOf(before).map(({ path, content }) => ({ path: `before/${path}`, content }));
  const run = (specs: Example): readonly Diagnostic<string>[] =>
    compareSpecs(old, sourcesOf(specs)).changes.map(changeToDiagnostic);
  const demonstration = { before, bad: after, good: better, also, run };
  return { code, kind: "change", category: kind.class, title, meaning, fix, demonstration };
}

/** Returns all diagnostics that generating from specs reports. */
function diagnose(specs: Example): readonly Diagnostic[] {
  const diagnostics = new Diagnostics();
  const { ir } = analyze(sourcesOf(specs), diagnostics);
  if (!diagnostics.hasErrors) decideNames(ir, diagnostics);
  return diagnostics.sorted();
}

function diagnosticCodes(): readonly Code[] {
  return Object.keys(CODES).filter((code): code is Code => Object.hasOwn(CODES, code));
}
