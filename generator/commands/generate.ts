import { resolve } from "node:path";
import { createTwoFilesPatch } from "diff";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { FORMATS, type Format, render, toJson } from "../diagnostics/render.ts";
import { type GenerateOptions, generate } from "../generate.ts";
import { apply, readFolder } from "../write/folder.ts";
import { planWrites, type Step, type WritePlan } from "../write/plan.ts";
import type { Command, Flags } from "./command.ts";
import { EXIT, type Shell, UsageError } from "./shell.ts";
import { readSpecs } from "./specs.ts";

const FLAGS = {
  out: { type: "string", short: "o", value: "<folder>", help: "where the generated modules go" },
  check: { type: "boolean", help: "compare only: print a diff and exit 1 if anything would change" },
  "dry-run": { type: "boolean", help: "say what would be written, write nothing" },
  format: { type: "string", value: "<format>", values: FORMATS, help: "how diagnostics are written" },
  "import-extension": {
    type: "string",
    value: "<ending>",
    values: [".js", ".ts", "none"],
    help: "ending of imports between generated modules",
  },
} as const satisfies Flags;

/** `dbus-codegen generate`. */
export const GENERATE: Command<typeof FLAGS> = {
  name: "generate",
  usage: "<specs…> -o <folder>",
  about: "<specs…> are .xml files, folders with .xml files below them, or - for standard input.",
  flags: FLAGS,
  examples: ["dbus-codegen generate specs -o generated"],
  async run({ flags, positionals: specs }, shell) {
    const { out, check, format } = flags;
    if (specs.length === 0) throw new UsageError("name the specs: dbus-codegen generate <specs…> -o <folder>");
    if (out === undefined) throw new UsageError("name the output folder: dbus-codegen generate <specs…> -o <folder>");
    if (check && flags["dry-run"]) throw new UsageError("--check and --dry-run exclude each other");
    const mode = check ? "check" : flags["dry-run"] ? "dry-run" : "write";
    const ending = flags["import-extension"];
    return runGenerate({ specs, out, mode, format, importExtension: ending === "none" ? "" : ending }, shell);
  },
};

interface GenerateArguments extends GenerateOptions {
  readonly specs: readonly string[];
  readonly out: string;
  readonly mode: "write" | "check" | "dry-run";
  readonly format: Format;
}

/** Specs to modules in a folder, or a comparison of the two. */
async function runGenerate(args: GenerateArguments, shell: Shell): Promise<number> {
  const started = performance.now();
  const sources = await readSpecs(args.specs, shell);
  const { files, diagnostics } = await generate(sources, args);
  const errors = diagnostics.filter(({ severity }) => severity === "error").length;
  if (errors > 0) {
    report(args, diagnostics, [], shell);
    shell.talk(`${count(errors, "error")} in ${count(sources.length, "spec")}, nothing written\n`);
    return EXIT.findings;
  }
  const folder = resolve(shell.cwd, args.out);
  const plan = planWrites(files, await readFolder(folder));
  if (plan.refused.length > 0)
    throw new UsageError(
      plan.refused.map(({ path, reason }) => `will not write ${args.out}/${path}: ${reason}`).join("\n"),
    );
  report(args, diagnostics, plan.steps, shell);
  const changes = plan.steps.filter(({ kind }) => kind !== "keep").length;
  if (args.mode === "check") return reportCheck(args, plan, changes, shell);
  if (args.mode === "write") await apply(folder, plan);
  shell.talk(`${summary(plan, args.mode)} in ${Math.round(performance.now() - started)} ms\n`);
  return EXIT.fine;
}

/** Diagnostics, and for programs the steps too. */
function report(
  { format, mode }: GenerateArguments,
  diagnostics: readonly Diagnostic[],
  steps: readonly Step[],
  shell: Shell,
): void {
  if (format === "json") {
    const files = steps.map(({ kind, path }) => ({ path, change: kind }));
    shell.out(`${JSON.stringify({ version: 1, mode, files, diagnostics: diagnostics.map(toJson) }, undefined, 2)}\n`);
  } else shell.talk(render(diagnostics, format, shell.color));
}

function reportCheck({ format, out }: GenerateArguments, { steps }: WritePlan, changes: number, shell: Shell): number {
  if (format !== "json") for (const step of steps) shell.out(patch(out, step));
  shell.talk(
    changes === 0
      ? `${count(steps.length, "file")} up to date\n`
      : `${count(changes, "file")} of ${out} would change; run dbus-codegen generate\n`,
  );
  return changes === 0 ? EXIT.fine : EXIT.findings;
}

function patch(out: string, step: Step): string {
  if (step.kind === "keep") return "";
  const name = `${out}/${step.path}`;
  const before = step.kind === "create" ? "" : step.before;
  const after = step.kind === "delete" ? "" : step.text;
  return createTwoFilesPatch(
    step.kind === "create" ? "/dev/null" : name,
    step.kind === "delete" ? "/dev/null" : name,
    before,
    after,
  );
}

function summary({ steps }: WritePlan, mode: GenerateArguments["mode"]): string {
  const of = (kind: Step["kind"]): number => steps.filter((step) => step.kind === kind).length;
  const written = of("create") + of("update");
  const deleted = of("delete") === 0 ? "" : `, ${of("delete")} ${mode === "write" ? "deleted" : "to delete"}`;
  return `${written} ${mode === "write" ? "written" : "to write"}, ${of("keep")} unchanged${deleted}`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
