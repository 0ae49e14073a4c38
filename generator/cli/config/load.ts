import { readdir, readFile } from "node:fs/promises";
import { dirname, extname, join } from "node:path";
import { checkConfig } from "./check.ts";
import { type Config, defineConfig } from "./config.ts";
import { UsageError } from "../usage-error.ts";

/** Names that a config file may have. */
export const CONFIG_FILES: readonly string[] = ["ts", "js", "mjs", "json"].map(
  (ending) => `dbus-codegen.config.${ending}`,
);

/** A config and what it was made from; paths are absolute. */
export interface LoadedConfig {
  readonly config: Config;
  readonly file: string;
  readonly text: string;
  /** Files that it imports. */
  readonly imports: readonly string[];
}

/** A config that cannot be used; the message says all that is wrong with it. */
export class ConfigError extends UsageError {
  /** Files to mend, as far as they are known. */
  readonly files: readonly string[];

  constructor(message: string, files: readonly string[], options?: ErrorOptions) {
    super(message, options);
    this.files = files;
  }
}

/** The config of a folder, or of the nearest folder around it; undefined where there is none. */
export async function findConfig(folder: string): Promise<string | undefined> {
  const names = await readdir(folder).catch((): readonly string[] => []);
  const [first, second] = CONFIG_FILES.filter((name) => names.includes(name));
  if (first !== undefined && second !== undefined) {
    const files = [first, second].map((name) => join(folder, name));
    throw new ConfigError(`there are two configs, ${first} and ${second}: remove one of them`, files);
  }
  if (first !== undefined) return join(folder, first);
  const parent = dirname(folder);
  return parent === folder ? undefined : findConfig(parent);
}

/**
 * Loads and checks a config. It is read anew each time, with all that it imports.
 * @param file - Its absolute path.
 * @param shown - How messages call it.
 */
export async function loadConfig(file: string, shown: string): Promise<LoadedConfig> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw new ConfigError(`there is no config "${shown}"`, [file], { cause: error });
  });
  const { value, imports } =
    extname(file) === ".json"
      ? { value: parseJson(text, file, shown), imports: [] }
      : await evaluate(file, text, shown);
  const { config, problems } = checkConfig(value);
  if (problems !== undefined) throw new ConfigError(problemText(shown, problems), [file, ...imports]);
  return { config, file, text, imports };
}

function problemText(shown: string, problems: readonly string[]): string {
  const [only = "", ...more] = problems;
  return more.length === 0 ? `${shown}: ${only}` : `${shown}:\n${problems.map((one) => `  ${one}`).join("\n")}`;
}

function parseJson(text: string, file: string, shown: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ConfigError(`${shown}: ${messageOf(error)}`, [file], { cause: error });
  }
}

/**
 * Evaluates a config. Node 20 knows no types, and its own loader, which gets what a config imports from `.mjs` files,
 * would neither forget modules nor tell what was imported.
 */
async function evaluate(
  file: string,
  text: string,
  shown: string,
): Promise<{ readonly value: unknown; readonly imports: readonly string[] }> {
  const { createJiti } = await import("jiti");
  // The package need not be installed where the config is: npx has it elsewhere.
  const virtualModules = { "dbus-codegen-ts": { defineConfig } };
  const jiti = createJiti(file, { fsCache: false, interopDefault: false, virtualModules });
  const before = new Set(Object.keys(jiti.cache));
  const takeImports = (): readonly string[] => {
    const loaded = Object.keys(jiti.cache).filter((path) => !before.has(path) && !path.includes("/node_modules/"));
    for (const path of loaded) delete jiti.cache[path];
    return loaded.filter((path) => path !== file);
  };
  try {
    const module = await jiti.evalModule(text, { filename: file, async: true, forceTranspile: true });
    const imports = takeImports();
    if (typeof module === "object" && module !== null && "default" in module) return { value: module.default, imports };
    throw new ConfigError(`${shown} has no default export: write export default defineConfig({ … })`, [
      file,
      ...imports,
    ]);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(`${shown} cannot be loaded: ${messageOf(error)}`, [file, ...takeImports()], { cause: error });
  }
}

/** What went wrong, on one line. */
function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message
    .replace(/^ParseError: /, "")
    .replace(/\s+/g, " ")
    .trim();
}
