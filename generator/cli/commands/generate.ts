import { findSpecs } from "../config/specs.ts";
import { UsageError } from "../usage-error.ts";
import type { Command, Flags, FlagValues } from "./command.ts";
import { PROJECT_FLAGS, projectOf } from "../run/project.ts";
import { REPORT_FORMATS } from "../run/report.ts";
import { outputProject, type RunOptions, runGenerate } from "../run/generate.ts";

const FLAGS = {
  ...PROJECT_FLAGS,
  check: { type: "boolean", help: "compare only: print a diff and exit 1 if anything would change" },
  "dry-run": { type: "boolean", help: "say what would be written, write nothing" },
  watch: { type: "boolean", short: "w", help: "go on, and generate again when something changes" },
  deps: { type: "string", value: "<file>", help: "write there what the modules depend on, for make or ninja" },
  "deps-target": { type: "string", value: "<file>", help: "what depends on it: a stamp, say, not the modules" },
  format: { type: "string", value: "<format>", values: REPORT_FORMATS, help: "how diagnostics are written" },
} as const satisfies Flags;

/** `dbus-codegen generate`. */
export const GENERATE: Command<typeof FLAGS> = {
  name: "generate",
  usage: "[specs…] [-o <folder>]",
  about: `[specs…] are .xml files, folders with .xml files below them, or - for standard input. What is not said
here is taken from dbus-codegen.config.ts, .js, .mjs or .json, in this folder or the nearest one around it.

--rename and --annotate call an interface org.example.Lamp1, a method org.example.Lamp1.Play(), a property
org.example.Lamp1:Colour, a signal org.example.Lamp1::Blown, an argument org.example.Lamp1.Play()[track].
In --annotate * stands for any part of names.`,
  flags: FLAGS,
  examples: ["dbus-codegen generate specs -o generated", "dbus-codegen generate --watch"],
  async run({ flags, positionals }, shell) {
    const manner = mannerOf(flags);
    if (flags.watch) {
      const { watchAndGenerate } = await import("../run/generate-watch.ts");
      return watchAndGenerate(() => projectOf(flags, positionals, shell), manner, shell);
    }
    const project = outputProject(await projectOf(flags, positionals, shell));
    return runGenerate(project, await findSpecs(project.specs, shell), manner, shell);
  },
};

function mannerOf(flags: FlagValues<typeof FLAGS>): RunOptions {
  const { check, "dry-run": dryRun, watch, deps, "deps-target": target, format } = flags;
  if (check && dryRun) throw new UsageError("--check and --dry-run exclude each other");
  const mode = check ? "check" : dryRun ? "dry-run" : "write";
  if (watch && mode !== "write") throw new UsageError(`--watch and --${mode} exclude each other`);
  if (deps !== undefined && mode !== "write") throw new UsageError(`--deps and --${mode} exclude each other`);
  if (target !== undefined && deps === undefined) throw new UsageError("--deps-target is for --deps");
  return {
    mode,
    format,
    isRepeated: watch === true,
    ...(deps !== undefined && { deps: { file: deps, ...(target !== undefined && { target }) } }),
  };
}
