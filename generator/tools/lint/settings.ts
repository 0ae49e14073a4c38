import { CODES, type Code, type Severity } from "../../compiler/diagnostics/codes.ts";
import { GROUPS, type Group } from "./rule.ts";
import { RULES, type RuleName } from "./rules.ts";

/** What a rule is set to. */
export const SETTINGS = ["off", "warning", "error"] as const;
export type Setting = (typeof SETTINGS)[number];

/** A diagnostic code of severity warning, which can be set as a rule can. Running services are not linted. */
export type WarningCode = Exclude<
  { [C in Code]: (typeof CODES)[C]["severity"] extends "warning" ? C : never }[Code],
  `live-${string}`
>;

/** What can be set: a rule, the rules of a group that are on by default, or a warning that every run gives. */
export type RuleKey = RuleName | Group | WarningCode;

/** Settings by rule, group or warning; that of a rule counts before that of its group. */
export type Rules = { readonly [K in RuleKey]?: Setting };

/** Whether a text names something that can be set. */
export function isRuleKey(text: string): text is RuleKey {
  return RULE_KEYS.includes(text);
}

/** Whether a text is what a rule can be set to. */
export function isSetting(text: string): text is Setting {
  return SETTINGS.some((setting) => setting === text);
}

/** All that can be set. */
export const RULE_KEYS: readonly string[] = [...GROUPS, ...Object.keys(RULES), ...Object.keys(CODES).filter(isWarning)];

/** What a rule is set to. */
export function settingOf(name: RuleName, rules: Rules): Setting {
  const { group, severity } = RULES[name];
  return rules[name] ?? (severity === "off" ? severity : (rules[group] ?? severity));
}

/** What a diagnostic of the pipeline counts as; errors cannot be set. */
export function severityOf(code: Code, severity: Severity, rules: Rules): Severity | "off" {
  return isWarning(code) ? (rules[code] ?? severity) : severity;
}

function isWarning(code: string): code is WarningCode {
  return Object.entries(CODES).some(
    ([key, { severity }]) => key === code && severity === "warning" && !key.startsWith("live-"),
  );
}
