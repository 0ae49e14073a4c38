import { analyze, assignNames, type Overrides } from "../../compiler/analyze.ts";
import type { Code } from "../../compiler/diagnostics/codes.ts";
import { type Diagnostic, Diagnostics, sortDiagnostics } from "../../compiler/diagnostics/diagnostic.ts";
import type { Source } from "../../compiler/diagnostics/source.ts";
import { countDictionaries, type DictionaryCount } from "./dictionary-count.ts";
import type { LintInput } from "./rule.ts";
import { RULES, type RuleName } from "./rules.ts";
import { configuredDiagnostics, type Rules, settingOf } from "./settings.ts";

/**
 * Options of `lint`. Overrides that match nothing in the specs are not reported, because the overrides may be written
 * for more specs. `generate` reports them.
 */
export interface LintOptions extends Overrides {
  /** Settings of rules. A rule without a setting has its default. */
  readonly rules?: Rules;
  /** Percentage of dictionaries that the rule `dictionary-coverage` requires to be declared: 100 by default. */
  readonly minDictionaryPercent?: number;
}

/** The result of `lint`. */
export interface LintResult {
  /** The findings of the rules and the warnings of `generate`, sorted by file and position. */
  readonly diagnostics: readonly Diagnostic<Code | RuleName>[];
  /** Numbers of arguments and properties with an `a{sv}`; absent if the specs have errors. */
  readonly dictionaries?: DictionaryCount;
}

/**
 * Checks specs against the rules of good D-Bus APIs. If a spec has errors, only the errors are returned and no rule runs.
 * The function reads no file, and the order of the sources has no effect.
 */
export function lint(sources: readonly Source[], options: LintOptions = {}): LintResult {
  const diagnostics = new Diagnostics();
  const { rules = {}, minDictionaryPercent = 100 } = options;
  const unreported = new Diagnostics();
  const input = analyze(sources, diagnostics, options, unreported);
  if (diagnostics.hasErrors) return { diagnostics: diagnostics.sorted() };
  // This reports names that would be changed in TypeScript.
  assignNames(input.ir, diagnostics, options, unreported);
  const warnings = configuredDiagnostics(diagnostics.sorted(), rules);
  const findings = runRules({ ...input, minDictionaryPercent }, rules);
  const { declared, empty, all } = countDictionaries(input.ir);
  return {
    diagnostics: sortDiagnostics<Code | RuleName>([...warnings, ...findings]),
    dictionaries: { declared, empty, all },
  };
}

function runRules(input: LintInput, rules: Rules): readonly Diagnostic<RuleName>[] {
  return RULES.flatMap((rule): readonly Diagnostic<RuleName>[] => {
    const severity = settingOf(rule, rules);
    if (severity === "off") return [];
    return [...rule.check(input)].map((finding) => ({ code: rule.code, severity, ...finding }));
  });
}
