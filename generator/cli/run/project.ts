import { TARGETS } from "../../compiler/emit/emit.ts";
import { checkConfig } from "../config/check.ts";
import type { Config } from "../config/config.ts";
import { type ConfigChoice, type Project, readProject } from "../config/project.ts";
import { UsageError } from "../usage-error.ts";
import type { Flags, FlagValues } from "../commands/command.ts";
import type { Shell } from "../shell.ts";

/** The flag that every command has which looks at the config. */
export const CONFIG_FLAG = {
  config: { type: "string", value: "<file>", help: "the config to use, or none; by default the nearest" },
} as const satisfies Flags;

/** Flags that say what a config says. */
export const PROJECT_FLAGS = {
  out: { type: "string", short: "o", value: "<folder>", help: "where the generated modules go" },
  target: { type: "string", multiple: true, value: "<target>", values: TARGETS, help: "only this, not both" },
  "import-extension": {
    type: "string",
    value: "<ending>",
    values: [".js", ".ts", "none"],
    optional: true,
    help: "ending of imports between generated modules",
  },
  "runtime-module": { type: "string", value: "<module>", help: "where generated modules import the runtime from" },
  rename: {
    type: "string",
    multiple: true,
    value: "<address>=<name>",
    help: "choose an identifier, as org.example.Lamp1.Play=start",
  },
  annotate: {
    type: "string",
    multiple: true,
    value: "<annotation>",
    help: "annotate what specs declare, as '*.Play() org.example.Mark=yes'",
  },
  ...CONFIG_FLAG,
} as const satisfies Flags;

/** What config and command line say together. Throws UsageError where they cannot be used. */
export function projectOf(
  flags: FlagValues<typeof PROJECT_FLAGS>,
  specs: readonly string[],
  shell: Shell,
): Promise<Project> {
  const words = [...(flags.rename ?? []), ...(flags.annotate ?? [])].join("\n");
  return projectWith(flags.config, configOf(flags, specs), words, shell);
}

/** The project of a command that says some of what a config says. Throws UsageError where the config cannot be used. */
export async function projectWith(
  choice: string | undefined,
  own: Config,
  words: string,
  shell: Shell,
): Promise<Project> {
  const { config, problems } = checkConfig(own);
  if (problems !== undefined) throw new UsageError(problems.join("\n"));
  return readProject(shell.cwd, choiceOf(choice), { config, text: { path: "<command line>", content: words } });
}

/** The project of a command that takes specs. Throws UsageError where neither command line nor config names any. */
export async function specsProject(
  choice: string | undefined,
  specs: readonly string[],
  usage: string,
  shell: Shell,
): Promise<Project> {
  const project = await projectWith(choice, specs.length > 0 ? { specs } : {}, "", shell);
  if (project.specs.length === 0) throw unnamed("the specs", usage, project);
  return project;
}

/** What to say when something is named nowhere. */
export function unnamed(what: string, usage: string, { configFiles: [file] }: Project): UsageError {
  const or = file === undefined ? "write dbus-codegen.config.ts" : `say it in ${file}`;
  return new UsageError(`name ${what}: dbus-codegen ${usage}, or ${or}`);
}

/** What the flags say, as a config would. */
function configOf(flags: FlagValues<typeof PROJECT_FLAGS>, specs: readonly string[]): Config {
  const { out, target: targets, "import-extension": extension, "runtime-module": runtimeModule } = flags;
  return {
    ...(specs.length > 0 && { specs }),
    ...(out !== undefined && { out }),
    ...(targets && { targets }),
    ...(extension !== undefined && { importExtension: extension === "none" ? "" : extension }),
    ...(runtimeModule !== undefined && { runtimeModule }),
    ...(flags.rename && { rename: Object.fromEntries(flags.rename.map(readRename)) }),
    ...(flags.annotate && { annotate: readAnnotations(flags.annotate) }),
  };
}

function readRename(text: string): readonly [address: string, name: string] {
  const at = text.lastIndexOf("=");
  if (at < 1) throw new UsageError(`--rename is written as org.example.Lamp1.Play=start, not "${text}"`);
  return [text.slice(0, at), text.slice(at + 1)];
}

function readAnnotations(texts: readonly string[]): NonNullable<Config["annotate"]> {
  const annotations: Record<string, Record<string, string>> = {};
  for (const text of texts) {
    const [, pattern, name, value] = /^\s*(\S+)\s+([^\s=]+)(?:=|\s+)(.*)$/s.exec(text) ?? [];
    if (pattern === undefined || name === undefined || value === undefined)
      throw new UsageError(`--annotate is written as 'org.example.Lamp1.Play() org.example.Mark=yes', not "${text}"`);
    annotations[pattern] = { ...annotations[pattern], [name]: value };
  }
  return annotations;
}

function choiceOf(flag: string | undefined): ConfigChoice {
  if (flag === undefined) return "find";
  return flag === "none" ? "none" : { file: flag };
}
