import { dirname, relative, resolve, sep } from "node:path";
import type { Source } from "../../compiler/diagnostics/source.ts";
import type { GenerateOptions } from "../../compiler/generate.ts";
import type { Rules } from "../../tools/lint/settings.ts";
import type { Config } from "./config.ts";
import { findConfig, type LoadedConfig, loadConfig } from "./load.ts";

/** Everything that a run needs to know. Paths are relative to the working folder, with `/`. */
export interface Project {
  readonly cwd: string;
  readonly specs: readonly string[];
  readonly out: string | undefined;
  readonly options: GenerateOptions;
  readonly rules: Rules;
  /** The config file and what it imports. */
  readonly configFiles: readonly string[];
}

/** What counts before a config: flags of a command line, options of a plugin. */
export interface Overrides {
  readonly config: Config;
  /** How it was written, for the places of complaints. */
  readonly text: Source;
}

/** Which config a run uses: a file, none, or the one that is found in the working folder or around it. */
export type ConfigChoice = { readonly file: string } | "none" | "find";

/** Puts together what config and flags say. Throws ConfigError where the config cannot be used. */
export async function readProject(cwd: string, choice: ConfigChoice, overrides: Overrides): Promise<Project> {
  const file = await fileOf(cwd, choice);
  const loaded = file === undefined ? undefined : await loadConfig(file, shownPath(cwd, file));
  return mergeProject(cwd, loaded, overrides);
}

async function fileOf(cwd: string, choice: ConfigChoice): Promise<string | undefined> {
  if (choice === "none") return undefined;
  return choice === "find" ? findConfig(cwd) : resolve(cwd, choice.file);
}

function mergeProject(cwd: string, loaded: LoadedConfig | undefined, { config: own, text }: Overrides): Project {
  const base: Config = loaded?.config ?? {};
  const folder = loaded === undefined ? cwd : dirname(loaded.file);
  const here = (path: string): string => shownPath(cwd, resolve(folder, path));
  const { specs: _specs, out: _out, rules: _rules, ...options } = { ...base, ...own };
  const files = loaded === undefined ? [] : [loaded.file, ...loaded.imports].map((file) => shownPath(cwd, file));
  return {
    cwd,
    specs: own.specs ?? base.specs?.map(here) ?? [],
    out: own.out ?? (base.out === undefined ? undefined : here(base.out)),
    options: {
      ...options,
      rename: { ...base.rename, ...own.rename },
      annotate: mergeAnnotations(base.annotate, own.annotate),
      writtenIn: [...(loaded === undefined ? [] : [{ path: files[0] ?? "", content: loaded.text }]), text],
    },
    rules: { ...base.rules, ...own.rules },
    configFiles: files,
  };
}

/** Annotations of both; of two for one thing the latter counts. */
function mergeAnnotations(
  first: Config["annotate"] = {},
  then: Config["annotate"] = {},
): NonNullable<Config["annotate"]> {
  const merged: Record<string, Readonly<Record<string, string>>> = { ...first };
  for (const [pattern, values] of Object.entries(then)) {
    merged[pattern] = { ...merged[pattern], ...values };
  }
  return merged;
}

/** A path as messages show it: relative to the working folder, with `/`. */
function shownPath(cwd: string, path: string): string {
  return relative(cwd, path).split(sep).join("/") || ".";
}
