import { render, toJson } from "../../compiler/diagnostics/render.ts";
import { nearestWord } from "../../compiler/text/nearest-word.ts";
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
import { UsageError } from "../usage-error.ts";
import type { Command, Flags } from "./command.ts";
import { CONFIG_FLAG, projectWith, unnamed } from "../run/project.ts";
import { count, printSarif, REPORT_FORMATS, type ReportFormat } from "../run/report.ts";
import { EXIT, type Shell } from "../shell.ts";

const FLAGS = {
  rule: { type: "string", multiple: true, value: "<name>=<setting>", help: "set a rule, group or warning; repeatable" },
  "max-warnings": { type: "string", value: "<n>", help: "exit 1 when there are more warnings than this" },
  format: { type: "string", value: "<format>", values: REPORT_FORMATS, help: "how findings are written" },
  ...CONFIG_FLAG,
} as const satisfies Flags;

/** `dbus-codegen lint`. */
export const LINT: Command<typeof FLAGS> = {
  name: "lint",
  usage: "[specs…]",
  about: `Holds specs against rules of good D-Bus APIs. Exit code 1 where a finding is an error.
A rule is set to off, warning or error, by its name or by its group: docs, naming, design, types.
Specs and rules that are not named here are those of the config.
dbus-codegen explain lists the rules and tells what each is about.`,
  flags: FLAGS,
  examples: ["dbus-codegen lint specs", "dbus-codegen lint specs --rule docs=off --rule unused-type=error"],
  async run({ flags, positionals: specs }, shell) {
    const most = readCount(flags["max-warnings"]);
    const own = { ...(specs.length > 0 && { specs }), rules: readRules(flags.rule ?? []) };
    const project = await projectWith(flags.config, own, "", shell);
    if (project.specs.length === 0) throw unnamed("the specs", "lint <specs…>", project);
    const { diagnostics } = lint(await readSpecs(project.specs, shell), { ...project.options, rules: project.rules });
    await report(diagnostics, flags.format, shell);
    const errors = diagnostics.filter(({ severity }) => severity === "error").length;
    const warnings = diagnostics.length - errors;
    shell.writeError(`${count(errors, "error")}, ${count(warnings, "warning")}\n`);
    return errors > 0 || warnings > most ? EXIT.findings : EXIT.fine;
  },
};

async function report(diagnostics: LintResult["diagnostics"], format: ReportFormat, shell: Shell): Promise<void> {
  if (format === "sarif") await printSarif(diagnostics, shell);
  else if (format === "json") {
    shell.writeOutput(`${JSON.stringify({ version: 1, diagnostics: diagnostics.map(toJson) }, undefined, 2)}\n`);
  } else shell.writeOutput(render(diagnostics, format, shell.colorOut));
}

/** Settings as `--rule` gives them; of two for one rule the last counts. */
function readRules(given: readonly string[]): Rules {
  const rules = new Map<RuleKey, Setting>();
  for (const one of given) {
    const [name = "", setting = "", ...rest] = one.split("=");
    if (!isRuleKey(name)) throw new UsageError(unknownRule(name));
    if (!isSetting(setting) || rest.length > 0)
      throw new UsageError(`--rule ${name} is set to one of ${SETTINGS.join(", ")}, as in --rule ${name}=off`);
    rules.set(name, setting);
  }
  // The keys are those of the type: each was checked.
  return Object.fromEntries(rules);
}

function unknownRule(name: string): string {
  const near = nearestWord(name, RULE_KEYS);
  return `"${name}" is not a rule; ${near === undefined ? "" : `did you mean ${near}? `}dbus-codegen explain lists them`;
}

function readCount(text: string | undefined): number {
  if (text === undefined) return Number.POSITIVE_INFINITY;
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`--max-warnings is a number, not "${text}"`);
  return Number(text);
}
