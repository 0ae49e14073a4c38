import { resolve } from "node:path";
import type { Overrides } from "../../compiler/analyze.ts";
import { render } from "../../compiler/diagnostics/render.ts";
import { planWrites } from "../../compiler/write/plan.ts";
import { readAssets } from "../../tools/site/assets.ts";
import { documentSpecs } from "../../tools/site/document.ts";
import { readSiteFolder } from "../../tools/site/folder.ts";
import { readSpecs } from "../config/specs.ts";
import { UsageError } from "../usage-error.ts";
import type { Command, Flags } from "./command.ts";
import { CONFIG_FLAG, specsProject } from "../run/project.ts";
import { count } from "../run/report.ts";
import { EXIT, type Shell } from "../shell.ts";
import { checkRefused, compareOutput, writeOutput } from "../run/output-plan.ts";

const FLAGS = {
  out: { type: "string", short: "o", value: "<folder>", help: "where the reference goes" },
  format: {
    type: "string",
    value: "<format>",
    values: ["html", "markdown"],
    help: "a site, or files for a repository",
  },
  title: { type: "string", value: "<text>", help: 'name of the reference; "D-Bus reference" unless given' },
  check: { type: "boolean", help: "compare only: print a diff and exit 1 if anything would change" },
  ...CONFIG_FLAG,
} as const satisfies Flags;

const USAGE = "[specs…] -o <folder>";

/** `dbus-codegen docs`. */
export const DOCS: Command<typeof FLAGS> = {
  name: "docs",
  usage: USAGE,
  about: `Writes a reference of everything the specs declare: a page for each interface, with signatures
in D-Bus and TypeScript and snippets to copy. It needs no server, no network and no script.

[specs…] are .xml files, folders with .xml files below them, or - for standard input. Where none are named,
those of the config are meant; its names and annotations count.`,
  flags: FLAGS,
  examples: ["dbus-codegen docs specs -o site", "dbus-codegen docs specs -o docs/dbus --format markdown"],
  async run({ flags: { out, format, config, check = false, title = "D-Bus reference" }, positionals }, shell) {
    const { specs, options: outside } = await specsProject(config, positionals, `docs ${USAGE}`, shell);
    if (out === undefined) throw new UsageError(`name the output folder: dbus-codegen docs ${USAGE}`);
    return runDocs({ specs, out, outside, format, title, check }, shell);
  },
};

interface DocsArguments {
  readonly specs: readonly string[];
  readonly out: string;
  readonly outside: Overrides;
  readonly format: "html" | "markdown";
  readonly title: string;
  readonly check: boolean;
}

async function runDocs({ specs, out, outside, format, title, check }: DocsArguments, shell: Shell): Promise<number> {
  const started = performance.now();
  const [sources, assets] = await Promise.all([readSpecs(specs, shell), readAssets()]);
  const { files, diagnostics } = documentSpecs(sources, { ...outside, format, title }, assets);
  shell.writeError(render(diagnostics, "frame", shell.color));
  const errors = diagnostics.filter(({ severity }) => severity === "error").length;
  if (errors > 0) {
    shell.writeError(`${count(errors, "error")}, nothing written\n`);
    return EXIT.findings;
  }
  const folder = resolve(shell.cwd, out);
  const output = { out, plan: planWrites(files, await readSiteFolder(folder)) };
  checkRefused(output);
  if (check) return compareOutput(output, "docs", true, shell);
  await writeOutput(output, "write", started, shell);
  return EXIT.fine;
}
