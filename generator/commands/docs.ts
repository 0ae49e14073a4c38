import { resolve } from "node:path";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { render } from "../diagnostics/render.ts";
import { readAssets } from "../site/assets.ts";
import { documentSpecs } from "../site/document.ts";
import { readSiteFolder } from "../site/folder.ts";
import { apply } from "../write/folder.ts";
import { planWrites, type Step } from "../write/plan.ts";
import type { Command, Flags } from "./command.ts";
import { EXIT, type Shell, UsageError } from "./shell.ts";
import { readSpecs } from "./specs.ts";

const FLAGS = {
  out: { type: "string", short: "o", value: "<folder>", help: "where the reference goes" },
  format: {
    type: "string",
    value: "<format>",
    values: ["html", "markdown"],
    help: "a site, or files for a repository",
  },
  title: { type: "string", value: "<text>", help: 'name of the reference; "D-Bus reference" unless given' },
} as const satisfies Flags;

/** `dbus-codegen docs`. */
export const DOCS: Command<typeof FLAGS> = {
  name: "docs",
  usage: "<specs…> -o <folder>",
  about: `Writes a reference of everything the specs declare: a page for each interface, with signatures
in D-Bus and TypeScript and snippets to copy. It needs no server, no network and no script.

<specs…> are .xml files, folders with .xml files below them, or - for standard input.`,
  flags: FLAGS,
  examples: ["dbus-codegen docs specs -o site", "dbus-codegen docs specs -o docs/dbus --format markdown"],
  async run({ flags: { out, format, title = "D-Bus reference" }, positionals: specs }, shell) {
    if (specs.length === 0) throw new UsageError("name the specs: dbus-codegen docs <specs…> -o <folder>");
    if (out === undefined) throw new UsageError("name the output folder: dbus-codegen docs <specs…> -o <folder>");
    return runDocs({ specs, out, format, title }, shell);
  },
};

interface DocsArguments {
  readonly specs: readonly string[];
  readonly out: string;
  readonly format: "html" | "markdown";
  readonly title: string;
}

async function runDocs({ specs, out, format, title }: DocsArguments, shell: Shell): Promise<number> {
  const started = performance.now();
  const [sources, assets] = await Promise.all([readSpecs(specs, shell), readAssets()]);
  const { files, diagnostics } = documentSpecs(sources, { format, title }, assets);
  shell.talk(render(diagnostics, "frame", shell.color));
  const errors = countErrors(diagnostics);
  if (errors > 0) {
    shell.talk(`${errors} ${errors === 1 ? "error" : "errors"}, nothing written\n`);
    return EXIT.findings;
  }
  const folder = resolve(shell.cwd, out);
  const plan = planWrites(files, await readSiteFolder(folder));
  if (plan.refused.length > 0)
    throw new UsageError(plan.refused.map(({ path, reason }) => `will not write ${out}/${path}: ${reason}`).join("\n"));
  await apply(folder, plan);
  shell.talk(`${summary(plan.steps)} in ${Math.round(performance.now() - started)} ms\n`);
  return EXIT.fine;
}

function countErrors(diagnostics: readonly Diagnostic[]): number {
  return diagnostics.filter(({ severity }) => severity === "error").length;
}

function summary(steps: readonly Step[]): string {
  const of = (...kinds: readonly Step["kind"][]): number => steps.filter(({ kind }) => kinds.includes(kind)).length;
  const deleted = of("delete") === 0 ? "" : `, ${of("delete")} deleted`;
  return `${of("create", "update")} written, ${of("keep")} unchanged${deleted}`;
}
