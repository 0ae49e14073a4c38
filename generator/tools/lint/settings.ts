import { CODES, type Code } from "../../compiler/diagnostics/codes.ts";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { GROUPS, type Group } from "./rule.ts";
import { RULES, type RuleName } from "./rules.ts";

/** The values that a rule can be set to. */
export const SETTINGS = ["off", "warning", "error"] as const;
export type Setting = (typeof SETTINGS)[number];

/** A diagnostic code of severity warning or note that can occur in specs. Codes of running services are excluded. */
export type WarningCode = Exclude<
  { [C in Code]: (typeof CODES)[C]["severity"] extends "warning" | "note" ? C : never }[Code],
  `live-${string}`
>;

/** A key of the setting `rules`: a rule, a group of rules, or the code of a warning. */
export type RuleKey = RuleName | Group | WarningCode;

/** Settings by rule, group or warning. The setting of a rule takes precedence over that of its group. */
export type Rules = { readonly [K in RuleKey]?: Setting };

/** Returns whether a text is a key of the setting `rules`. */
export function isRuleKey(text: string): text is RuleKey {
  return RULE_KEYS.includes(text);
}

/** Returns whether a text is a value that a rule can be set to. */
export function isSetting(text: string): text is Setting {
  return SETTINGS.some((setting) => setting === text);
}

/** All keys of the setting `rules`. */
export const RULE_KEYS: readonly string[] = [
  ...GROUPS,
  ...RULES.map(({ code }) => code),
  ...Object.keys(CODES).filter(isWarning),
];

/** Returns the effective setting of a rule. The setting of a group has no effect on rules that are off by default. */
export function settingOf({ code, group, severity }: (typeof RULES)[number], rules: Rules): Setting {
  return rules[code] ?? (severity === "off" ? severity : (rules[group] ?? severity));
}

/** Returns diagnostics with their configured severity. Only the severity of warnings and notes can be configured. */
export function configuredDiagnostics(diagnostics: readonly Diagnostic[], rules: Rules): readonly Diagnostic[] {
  return diagnostics.flatMap((diagnostic): readonly Diagnostic[] => {
    const { code } = diagnostic;
    const severity = isWarning(code) ? (rules[code] ?? diagnostic.severity) : diagnostic.severity;
    return severity === "off" ? [] : [{ ...diagnostic, severity }];
  });
}

function isWarning(code: string): code is WarningCode {
  return Object.entries(CODES).some(
    ([key, { severity }]) => key === code && severity !== "error" && !key.startsWith("live-"),
  );
}
