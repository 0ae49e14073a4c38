import { UsageError } from "../usage-error.ts";
import { type Command, type Flags, usageOf } from "./command.ts";
import { SPECS_FLAGS } from "./flags.ts";

const FLAGS = {
  out: { type: "string", short: "o", value: "<folder>", help: "output folder" },
  format: {
    type: "string",
    value: "<format>",
    values: ["html", "markdown"],
    help: "static site, or Markdown files",
  },
  title: { type: "string", value: "<text>", help: 'title of the reference; default "D-Bus reference"' },
  check: { type: "boolean", help: "write nothing; print a diff and exit 1 if a file would change" },
  ...SPECS_FLAGS,
} as const satisfies Flags;

/** The command `dbus-codegen docs`. */
export const DOCS: Command<typeof FLAGS> = {
  name: "docs",
  summary: "Write an HTML or Markdown reference of specs",
  usage: ["[specs…] -o <folder>"],
  description: `The reference has one page per interface, with D-Bus and TypeScript signatures and snippets to copy.
The HTML site needs no server, network or JavaScript.

[specs…] are .xml files, folders (all .xml files below them), or - for standard input; default: the specs
of the config. Renames, annotations and services of the config apply.`,
  flags: FLAGS,
  examples: ["dbus-codegen docs specs -o site", "dbus-codegen docs specs -o docs/dbus --format markdown"],
  async run({ flags, positionals }, shell) {
    const { out, format, check = false, title = "D-Bus reference" } = flags;
    const usage = usageOf(DOCS);
    const [{ readSpecsProject }, { runDocs }] = await Promise.all([
      import("../run/project.ts"),
      import("../run/docs.ts"),
    ]);
    const project = await readSpecsProject({ flags, specs: positionals, usage }, shell);
    if (out === undefined) throw new UsageError(`name the output folder: ${usage}`);
    return runDocs({ project, out, format, title, check }, shell);
  },
};
