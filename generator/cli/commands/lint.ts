import { REPORT_FORMATS } from "../run/report-formats.ts";
import { parseNumber } from "./arguments.ts";
import { type Command, type Flags, usageOf } from "./command.ts";
import { SPECS_FLAGS } from "./flags.ts";

const FLAGS = {
  rule: {
    type: "string",
    multiple: true,
    value: "<name>=<setting>",
    words: async () => (await import("../../tools/lint/settings.ts")).RULE_KEYS,
    help: "set a rule, group or warning to off, warning or error; repeatable",
  },
  "max-warnings": { type: "string", value: "<n>", help: "exit 1 if there are more warnings; default: unlimited" },
  "min-dictionaries": {
    type: "string",
    value: "<n>",
    help: "exit 1 if less than n % of the a{sv} have declared keys",
  },
  format: { type: "string", value: "<format>", values: REPORT_FORMATS, help: "format of findings" },
  ...SPECS_FLAGS,
} as const satisfies Flags;

/** The command `dbus-codegen lint`. */
export const LINT: Command<typeof FLAGS> = {
  name: "lint",
  summary: "Check specs against D-Bus API guidelines",
  usage: ["[specs…]"],
  description: `The exit code is 1 if a finding is an error. Rules belong to the groups docs, naming, design and types;
"dbus-codegen explain" lists them. [specs…] default to the specs of the config; --rule overrides
its rules.`,
  flags: FLAGS,
  examples: ["dbus-codegen lint specs", "dbus-codegen lint specs --rule docs=off --rule unused-type=error"],
  async run({ flags, positionals }, shell) {
    const { rule = [], "max-warnings": most, "min-dictionaries": percent, format } = flags;
    const maxWarnings = most === undefined ? Number.POSITIVE_INFINITY : parseNumber("max-warnings", most, "warnings");
    const minDictionaryPercent =
      percent === undefined ? undefined : parseNumber("min-dictionaries", percent, "percent");
    const { runLint } = await import("../run/lint.ts");
    return runLint(
      {
        specs: positionals,
        flags,
        rules: rule,
        maxWarnings,
        minDictionaryPercent,
        format,
        usage: usageOf(LINT),
      },
      shell,
    );
  },
};
