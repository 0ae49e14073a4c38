import { toJson } from "../../compiler/diagnostics/render.ts";
import { nearestWord } from "../../compiler/text/nearest-word.ts";
import { dictionaryText } from "../../tools/lint/dictionary-count.ts";
import { type LintResult, lint } from "../../tools/lint/lint.ts";
import {
  isRuleKey,
  isSetting,
  RULE_KEYS,
  type RuleKey,
  type Rules,
  SETTINGS,
  type Setting,
} from "../../tools/lint/settings.ts";
import { readSpecs } from "../config/specs.ts";
import { EXIT, type Shell } from "../shell.ts";
import { UsageError } from "../usage-error.ts";
import { readSpecsProject, type SpecsProjectArguments } from "./project.ts";
import { count, countErrors, countOf, diagnosticLines, printJson, printSarif } from "./report.ts";
import type { ReportFormat } from "./report-formats.ts";

export interface LintArguments {
  /** Specs of the command line; if empty, the config names them. */
  readonly specs: readonly string[];
  /** Flags that select specs. */
  readonly flags: SpecsProjectArguments["flags"];
  /** Settings of rules in the form `name=setting`. */
  readonly rules: readonly string[];
  /** Number of warnings above which the exit code is 1. */
  readonly maxWarnings: number;
  /**
   * Percentage of dictionaries that must be declared. If undefined, the percentage of declared dictionaries is not
   * printed.
   */
  readonly minDictionaryPercent: number | undefined;
  readonly format: ReportFormat;
  readonly usage: string;
}

/** Lints specs, prints the findings and returns the exit code. */
export async function runLint(
  { specs, flags, rules, maxWarnings, minDictionaryPercent, format, usage }: LintArguments,
  shell: Shell,
): Promise<number> {
  const project = await readSpecsProject({ flags, specs, rules: parseRules(rules), usage }, shell);
  const sources = await readSpecs(project, shell);
  const coverage = minDictionaryPercent === undefined ? {} : { minDictionaryPercent };
  const settings: Rules =
    minDictionaryPercent === undefined ? project.rules : { "dictionary-coverage": "error", ...project.rules };
  const { diagnostics, dictionaries } = lint(sources, { ...project.options, ...coverage, rules: settings });
  await printFindings(diagnostics, format, shell);
  const errors = countErrors(diagnostics);
  const notes = countOf("note", diagnostics);
  const warnings = diagnostics.length - errors - notes;
  const notesText = notes === 0 ? "" : `, ${count(notes, "note")}`;
  shell.printError([`${count(errors, "error")}, ${count(warnings, "warning")}${notesText}`]);
  if (minDictionaryPercent !== undefined && dictionaries !== undefined) {
    shell.printError([dictionaryText(dictionaries)]);
  }
  return errors > 0 || warnings > maxWarnings ? EXIT.findings : EXIT.success;
}

async function printFindings(
  diagnostics: LintResult["diagnostics"],
  format: ReportFormat,
  shell: Shell,
): Promise<void> {
  if (format === "sarif") await printSarif(diagnostics, shell);
  else if (format === "json") printJson({ version: 1, diagnostics: diagnostics.map(toJson) }, shell);
  else shell.printOutput(diagnosticLines(diagnostics, format));
}

/** Parses the values of `--rule`. The last setting of a rule applies. */
function parseRules(texts: readonly string[]): Rules {
  const rules = new Map<RuleKey, Setting>();
  for (const text of texts) {
    const [name = "", setting = "", ...rest] = text.split("=");
    if (!isRuleKey(name)) throw new UsageError(unknownRule(name));
    if (!isSetting(setting) || rest.length > 0)
      throw new UsageError(`--rule ${name} is set to one of ${SETTINGS.join(", ")}, as in --rule ${name}=off`);
    rules.set(name, setting);
  }
  return Object.fromEntries(rules);
}

function unknownRule(name: string): string {
  const nearest = nearestWord(name, RULE_KEYS);
  const hint = nearest === undefined ? "" : `did you mean ${nearest}? `;
  return `"${name}" is not a rule; ${hint}"dbus-codegen explain" lists them`;
}
