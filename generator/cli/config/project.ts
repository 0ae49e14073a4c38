import { dirname, relative, resolve, sep } from "node:path";
import type { Source } from "../../compiler/diagnostics/source.ts";
import type { GenerateOptions } from "../../compiler/generate.ts";
import type { Rules } from "../../tools/lint/settings.ts";
import { cataloguePath } from "./catalogue-path.ts";
import type { Config } from "./config.ts";
import { findConfig, type LoadedConfig, loadConfig } from "./load.ts";

/**
 * All settings of a run: the config with its overrides. Paths are relative to the working folder, with `/` as
 * separator.
 */
export interface Project {
  readonly cwd: string;
  readonly specs: readonly string[];
  readonly overlays: readonly string[];
  readonly exclude: readonly string[];
  readonly out: string | undefined;
  readonly options: GenerateOptions;
  readonly rules: Rules;
  /** Services by bus name. */
  readonly services: NonNullable<Config["services"]>;
  /** The config file and the files that it imports. */
  readonly configFiles: readonly string[];
}

/** Settings that override the config: flags of a command line, or options of a plugin. */
export interface ConfigOverrides {
  readonly config: Config;
  /** The text of the overrides, as a source. Diagnostics about an override point to a position in it. */
  readonly text: Source;
}

/** The config of a run: a given file, no config, or the nearest config in the working folder and its parents. */
export type ConfigChoice = { readonly file: string } | "none" | "find";

/** Reads the config and applies overrides. Throws ConfigError if the config is invalid. */
export async function readProject(cwd: string, choice: ConfigChoice, overrides: ConfigOverrides): Promise<Project> {
  return mergeProject(cwd, await readConfig(cwd, choice), overrides);
}

/** Reads the config without overrides; undefined if no file exists. Throws ConfigError if the config is invalid. */
export async function readConfig(cwd: string, choice: ConfigChoice): Promise<LoadedConfig | undefined> {
  const file = await configFile(cwd, choice);
  return file === undefined ? undefined : loadConfig(file, shownPath(cwd, file));
}

async function configFile(cwd: string, choice: ConfigChoice): Promise<string | undefined> {
  if (choice === "none") return undefined;
  return choice === "find" ? findConfig(cwd) : resolve(cwd, choice.file);
}

function mergeProject(
  cwd: string,
  loaded: LoadedConfig | undefined,
  { config: overrides, text }: ConfigOverrides,
): Project {
  const base: Config = loaded?.config ?? {};
  const folder = loaded === undefined ? cwd : dirname(loaded.file);
  const fromConfig = (path: string): string => shownPath(cwd, resolve(folder, path));
  const inCatalogue = (path: string, part: "specs" | "overlays"): string | undefined => {
    const found = cataloguePath(path, part);
    return found === undefined ? undefined : shownPath(cwd, found);
  };
  const {
    specs: _specs,
    overlays: _overlays,
    exclude: _exclude,
    out: _out,
    rules: _rules,
    services: _services,
    ...options
  } = { ...base, ...overrides };
  const files = loaded === undefined ? [] : [loaded.file, ...loaded.imports].map((file) => shownPath(cwd, file));
  return {
    cwd,
    specs:
      overrides.specs?.map((path) => inCatalogue(path, "specs") ?? path) ??
      base.specs?.map((path) => inCatalogue(path, "specs") ?? fromConfig(path)) ??
      [],
    overlays: [
      ...(base.overlays?.map((path) => inCatalogue(path, "overlays") ?? fromConfig(path)) ?? []),
      ...(overrides.overlays?.map((path) => inCatalogue(path, "overlays") ?? path) ?? []),
    ],
    exclude: [...(base.exclude?.map(fromConfig) ?? []), ...(overrides.exclude ?? [])],
    out: overrides.out ?? (base.out === undefined ? undefined : fromConfig(base.out)),
    options: {
      ...options,
      rename: { ...base.rename, ...overrides.rename },
      annotate: mergeAnnotations(base.annotate, overrides.annotate),
      writtenIn: [...(loaded === undefined ? [] : [{ path: files[0] ?? "", content: loaded.text }]), text],
    },
    rules: { ...base.rules, ...overrides.rules },
    services: { ...base.services, ...overrides.services },
    configFiles: files,
  };
}

/** Merges two records of annotations. If both contain a value for a pattern and a name, the second value applies. */
function mergeAnnotations(
  first: Config["annotate"] = {},
  second: Config["annotate"] = {},
): NonNullable<Config["annotate"]> {
  const merged: Record<string, Readonly<Record<string, string>>> = { ...first };
  for (const [pattern, values] of Object.entries(second)) {
    merged[pattern] = { ...merged[pattern], ...values };
  }
  return merged;
}

/** Returns a path relative to the working folder, with `/` as separator, for messages. */
function shownPath(cwd: string, path: string): string {
  return relative(cwd, path).split(sep).join("/") || ".";
}
