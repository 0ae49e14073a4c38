import { analyze, assignNames, type Overrides } from "../../compiler/analyze.ts";
import type { Code } from "../../compiler/diagnostics/codes.ts";
import { type Diagnostic, Diagnostics, sortDiagnostics } from "../../compiler/diagnostics/diagnostic.ts";
import type { Source } from "../../compiler/diagnostics/source.ts";
import type { Subject } from "./rule.ts";
import { RULES, type RuleName } from "./rules.ts";
import { type Rules, settingOf, severityOf } from "./settings.ts";

/** What annotations and names from outside match nothing is for `generate` to tell: the specs may be only some. */
export interface LintOptions extends Overrides {
  /** What rules are set to; one that is not named here keeps its default. */
  readonly rules?: Rules;
}

export interface LintResult {
  /** What rules found and what every run says about specs, by file and place. */
  readonly diagnostics: readonly Diagnostic<Code | RuleName>[];
}

/**
 * Holds specs against rules of good D-Bus APIs. Pure: it reads no file, and the order of the sources has no meaning.
 * Where a spec has errors, only these are given: rules look at sound specs.
 */
export function lint(sources: readonly Source[], options: LintOptions = {}): LintResult {
  const diagnostics = new Diagnostics();
  const { rules = {} } = options;
  const elsewhere = new Diagnostics();
  const subject = analyze(sources, diagnostics, options, elsewhere);
  if (diagnostics.hasErrors) return { diagnostics: diagnostics.sorted() };
  // Names that had to be changed are worth knowing before anything is generated.
  assignNames(subject.ir, diagnostics, options, elsewhere);
  const known = diagnostics.sorted().flatMap((one): readonly Diagnostic<Code>[] => {
    const severity = severityOf(one.code, one.severity, rules);
    return severity === "off" ? [] : [{ ...one, severity }];
  });
  return { diagnostics: sortDiagnostics<Code | RuleName>([...known, ...checkRules(subject, rules)]) };
}

function checkRules(subject: Subject, rules: Rules): readonly Diagnostic<RuleName>[] {
  return ruleNames().flatMap((code) => {
    const severity = settingOf(code, rules);
    if (severity === "off") return [];
    return [...RULES[code].check(subject)].map((finding) => ({ code, severity, ...finding }));
  });
}

function ruleNames(): readonly RuleName[] {
  return Object.keys(RULES).filter((name): name is RuleName => name in RULES);
}
