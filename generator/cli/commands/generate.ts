import { REPORT_FORMATS } from "../run/report-formats.ts";
import { UsageError } from "../usage-error.ts";
import type { Command, Flags } from "./command.ts";
import { PROJECT_FLAGS } from "./flags.ts";

const FLAGS = {
  ...PROJECT_FLAGS,
  check: { type: "boolean", help: "write nothing; print a diff and exit 1 if a file would change" },
  "dry-run": { type: "boolean", help: "write nothing; print how many files would change" },
  force: { type: "boolean", help: "delete modules even if a mistake in the specs may be the reason" },
  watch: { type: "boolean", short: "w", help: "keep running, and generate after each change of an input" },
  deps: { type: "string", value: "<file>", help: "write the inputs as a dependency file for make or ninja" },
  "deps-target": {
    type: "string",
    value: "<file>",
    help: "target in the dependency file; default: the modules",
  },
  format: { type: "string", value: "<format>", values: REPORT_FORMATS, help: "format of diagnostics" },
} as const satisfies Flags;

/** The command `dbus-codegen generate`. */
export const GENERATE: Command<typeof FLAGS> = {
  name: "generate",
  summary: "Generate typed clients and services",
  usage: ["[specs…] [-o <folder>]"],
  description: `[specs…] are .xml files, folders (all .xml files below them), or - for standard input.
Settings that no flag gives come from dbus-codegen.config.ts, .js, .mjs or .json in this folder
or in the nearest parent folder that has one.

Addresses for --rename and --annotate:
  interface  org.example.Lamp1              property  org.example.Lamp1:Colour
  method     org.example.Lamp1.Play()       signal    org.example.Lamp1::Blown
  argument   org.example.Lamp1.Play()[track]
In --annotate, * matches any part of a name. Both flags can be repeated.`,
  flags: FLAGS,
  examples: ["dbus-codegen generate specs -o generated", "dbus-codegen generate --watch"],
  async run({ flags, positionals }, shell) {
    const { check, "dry-run": dryRun, force, watch, deps, "deps-target": target, format } = flags;
    if (check && dryRun) throw new UsageError("--check and --dry-run exclude each other");
    const mode = check ? "check" : dryRun ? "dry-run" : "write";
    if (watch && mode !== "write") throw new UsageError(`--watch and --${mode} exclude each other`);
    if (deps !== undefined && mode !== "write") throw new UsageError(`--deps and --${mode} exclude each other`);
    if (target !== undefined && deps === undefined) throw new UsageError("--deps-target needs --deps");
    const options = {
      mode,
      isForced: force === true,
      format,
      usage: "dbus-codegen generate <specs…> -o <folder>",
      isRepeated: watch === true,
      ...(deps !== undefined && { deps: { file: deps, ...(target !== undefined && { target }) } }),
    } as const;
    const { readProjectFromFlags } = await import("../run/project.ts");
    const readProject = () => readProjectFromFlags(flags, positionals, shell);
    if (watch) return (await import("../run/generate-watch.ts")).watchAndGenerate(readProject, options, shell);
    return (await import("../run/generate.ts")).generateOnce(await readProject(), options, shell);
  },
};
