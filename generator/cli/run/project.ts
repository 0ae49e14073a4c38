import type { Rules } from "../../tools/lint/settings.ts";
import type { FlagValues } from "../commands/command.ts";
import type { PROJECT_FLAGS, SPECS_FLAGS } from "../commands/flags.ts";
import type { Config } from "../config/config.ts";
import { type ConfigChoice, type Project, readProject } from "../config/project.ts";
import type { Shell } from "../shell.ts";
import { UsageError } from "../usage-error.ts";

/** Reads the project of `generate`. Settings of the command line override those of the config. */
export function readProjectFromFlags(
  flags: FlagValues<typeof PROJECT_FLAGS>,
  specs: readonly string[],
  shell: Shell,
): Promise<Project> {
  const text = [...(flags.rename ?? []), ...(flags.annotate ?? [])].join("\n");
  return readShellProject(flags.config, configOf(flags, specs), text, shell);
}

/** The part of a command line that selects a project. */
export interface SpecsProjectArguments {
  /** Overlays and excluded specs apply in addition to those of the config. */
  readonly flags: FlagValues<typeof SPECS_FLAGS>;
  /** Specs of the command line; if empty, the config names them. */
  readonly specs: readonly string[];
  readonly rules?: Rules;
  /** Usage of the command, for messages. */
  readonly usage: string;
}

/**
 * Returns the project of a command that reads specs.
 * @throws UsageError if neither the command line nor the config names specs.
 */
export async function readSpecsProject(
  { flags, specs, rules, usage }: SpecsProjectArguments,
  shell: Shell,
): Promise<Project> {
  const overrides = { ...specsConfig(flags, specs), ...(rules && { rules }) };
  const project = await readShellProject(flags.config, overrides, "", shell);
  if (project.specs.length === 0) throw missingSettingError("the specs", usage, project);
  return project;
}

/** Returns the error for a required setting that neither the command line nor the config contains. */
export function missingSettingError(setting: string, usage: string, { configFiles: [file] }: Project): UsageError {
  const alternative = file === undefined ? "write dbus-codegen.config.ts" : `set it in ${file}`;
  return new UsageError(`name ${setting}: ${usage}, or ${alternative}`);
}

/**
 * Reads a project whose config is overridden by flags.
 *
 * @param text - Text in which diagnostics show the positions of overrides.
 */
function readShellProject(flag: string | undefined, config: Config, text: string, shell: Shell): Promise<Project> {
  return readProject(shell.cwd, choiceOf(flag), { config, text: { path: "<command line>", content: text } });
}

/** Returns the flags as a config. */
function configOf(flags: FlagValues<typeof PROJECT_FLAGS>, specs: readonly string[]): Config {
  const { out, target: targets, "import-extension": extension, "runtime-module": runtimeModule } = flags;
  return {
    ...specsConfig(flags, specs),
    ...(out !== undefined && { out }),
    ...(targets && { targets }),
    ...(extension !== undefined && { importExtension: extension === "none" ? "" : extension }),
    ...(runtimeModule !== undefined && { runtimeModule }),
    ...(flags.rename && { rename: Object.fromEntries(flags.rename.map(parseRename)) }),
    ...(flags.annotate && { annotate: parseAnnotations(flags.annotate) }),
  };
}

function specsConfig({ overlay, exclude }: FlagValues<typeof SPECS_FLAGS>, specs: readonly string[]): Config {
  return {
    ...(specs.length > 0 && { specs }),
    ...(overlay && { overlays: overlay }),
    ...(exclude && { exclude }),
  };
}

function parseRename(text: string): readonly [address: string, name: string] {
  const separator = text.lastIndexOf("=");
  if (separator < 1) throw new UsageError(`--rename is written as org.example.Lamp1.Play=start, not "${text}"`);
  return [text.slice(0, separator), text.slice(separator + 1)];
}

function parseAnnotations(texts: readonly string[]): NonNullable<Config["annotate"]> {
  const annotations: Record<string, Record<string, string>> = {};
  for (const text of texts) {
    const [, pattern, name, value] = /^\s*(\S+)\s+([^\s=]+)(?:=|\s+)(.*)$/s.exec(text) ?? [];
    if (pattern === undefined || name === undefined || value === undefined)
      throw new UsageError(`--annotate is written as 'org.example.Lamp1.Play() org.example.Mark=yes', not "${text}"`);
    annotations[pattern] = { ...annotations[pattern], [name]: value };
  }
  return annotations;
}

/** Returns the choice of a config for the value of `--config`. */
export function choiceOf(flag: string | undefined): ConfigChoice {
  if (flag === undefined) return "find";
  return flag === "none" ? "none" : { file: flag };
}
