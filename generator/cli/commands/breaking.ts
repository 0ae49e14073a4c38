import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { render, toJson } from "../../compiler/diagnostics/render.ts";
import type { Change } from "../../tools/breaking/change.ts";
import { TARGETS, type Target } from "../../tools/breaking/change-kind.ts";
import { compareSpecs } from "../../tools/breaking/compare-specs.ts";
import { changeToDiagnostic, changeToJson, summaryOf } from "../../tools/breaking/report.ts";
import { readSpecs } from "../config/specs.ts";
import { UsageError } from "../usage-error.ts";
import { readAgainst } from "../run/earlier-specs.ts";
import type { Command, Flags } from "./command.ts";
import { CONFIG_FLAG, specsProject } from "../run/project.ts";
import { printSarif, REPORT_FORMATS } from "../run/report.ts";
import { EXIT } from "../shell.ts";

const FLAGS = {
  against: { type: "string", value: "<before>", help: "the version before: folder, file, git ref, bus:<name>" },
  target: {
    type: "string",
    value: "<target>",
    values: ["both", ...TARGETS],
    optional: true,
    help: "whose TypeScript counts, if not the config's",
  },
  bus: { type: "string", value: "<bus>", help: "where bus:<name> is: session (default), system, or an address" },
  format: { type: "string", value: "<format>", values: REPORT_FORMATS, help: "how changes are written" },
  ...CONFIG_FLAG,
} as const satisfies Flags;

const USAGE = "[specs…] --against <before>";

/** `dbus-codegen breaking`. */
export const BREAKING: Command<typeof FLAGS> = {
  name: "breaking",
  usage: USAGE,
  about: `Compares specs with an earlier version of them and says what each change breaks: peers that are
deployed (on the wire), code that uses the generated modules (in TypeScript), or nothing. Exit code 1
where anything breaks. <before> is a folder or file; a git ref, git:<ref> where a file has that name; or
bus:<name>, maybe with an object path, for a running service, of which only the wire is compared.
Where no specs are named, those of the config are meant.`,
  flags: FLAGS,
  examples: [
    "dbus-codegen breaking specs --against origin/main",
    "dbus-codegen breaking specs --against ../released/specs --target client",
    "dbus-codegen breaking specs --against bus:net.connman --bus system",
  ],
  async run({ flags, positionals }, shell) {
    const { specs, options } = await specsProject(flags.config, positionals, `breaking ${USAGE}`, shell);
    if (flags.against === undefined) throw new UsageError(`name the version before: dbus-codegen breaking ${USAGE}`);
    const after = await readSpecs(specs, shell);
    const before = await readAgainst(flags.against, specs, flags.bus, shell);
    const targets = targetsOf(flags.target) ?? options.targets ?? TARGETS;
    const how = { ...options, targets, live: before.live };
    const { changes, bump, diagnostics } = compareSpecs(before.sources, after, how);
    const found = [...diagnostics, ...changes.map(changeToDiagnostic)];
    if (flags.format === "sarif") await printSarif(found, shell);
    else if (flags.format === "json") {
      const all = { changes: changes.map(changeToJson), diagnostics: diagnostics.map(toJson) };
      shell.writeOutput(`${JSON.stringify({ version: 1, against: flags.against, bump, ...all }, undefined, 2)}\n`);
    } else shell.writeOutput(render(found, flags.format, shell.colorOut));
    if (diagnostics.length > 0) shell.writeError(`${incomparable(diagnostics)}, nothing compared\n`);
    else shell.writeError(`${summaryOf(changes, bump, flags.against)}\n`);
    return diagnostics.length > 0 || changes.some(isBreaking) ? EXIT.findings : EXIT.fine;
  },
};

function targetsOf(flag: "both" | Target | undefined): readonly Target[] | undefined {
  if (flag === undefined) return undefined;
  return flag === "both" ? TARGETS : [flag];
}

function isBreaking({ class: own }: Change): boolean {
  return own !== "compatible";
}

function incomparable({ length }: readonly Diagnostic[]): string {
  return `${length} error${length === 1 ? "" : "s"} in the specs`;
}
