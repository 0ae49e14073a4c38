import { readdir } from "node:fs/promises";
import { dirname, extname, join } from "node:path";
import { readFailure, readRegularFile } from "../../compiler/read/regular-file.ts";
import { UsageError } from "../usage-error.ts";
import { type Config, defineConfig } from "./config.ts";

/** Accepted names of a config file. */
export const CONFIG_FILES: readonly string[] = ["ts", "js", "mjs", "json"].map(
  (extension) => `dbus-codegen.config.${extension}`,
);

/** Largest allowed size of a config in bytes. */
const MAX_CONFIG_BYTES = 2 ** 24;

/** A config with the files that define it. Paths are absolute. */
export interface LoadedConfig {
  readonly config: Config;
  readonly file: string;
  readonly text: string;
  /** Files that the config imports. */
  readonly imports: readonly string[];
}

/** An invalid config. The message contains all problems of the config. */
export class ConfigError extends UsageError {
  /** The config and the files that it imports, as far as they were read. */
  readonly files: readonly string[];

  constructor(message: string, files: readonly string[], options?: ConstructorParameters<typeof UsageError>[1]) {
    super(message, options);
    this.files = files;
  }
}

/** Returns the path of the config in a folder or in the nearest parent folder that has one, or undefined. */
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
 * Reads, evaluates and checks a config. No result is cached.
 * @param file - Absolute path.
 * @param shownPath - Path for messages.
 */
export async function loadConfig(file: string, shownPath: string): Promise<LoadedConfig> {
  const { content, size } = await readRegularFile(file, MAX_CONFIG_BYTES).catch((cause: unknown) => {
    throw new ConfigError(readFailure("config", shownPath, cause), [file], { cause });
  });
  if (size > MAX_CONFIG_BYTES)
    throw new ConfigError(`${shownPath} has ${size} bytes; the limit is ${MAX_CONFIG_BYTES}`, [file]);
  return evaluateConfig(file, content.toString(), shownPath);
}

/** Evaluates and checks the text of a config. Parameters are those of `loadConfig`. */
export async function evaluateConfig(file: string, text: string, shownPath: string): Promise<LoadedConfig> {
  const { value, imports } =
    extname(file) === ".json"
      ? { value: parseJson(text, file, shownPath), imports: [] }
      : await evaluate(file, text, shownPath);
  const { checkConfig } = await import("./schema.ts");
  const { config, problems } = checkConfig(value);
  if (config === undefined) throw problemsError(shownPath, problems, [file, ...imports]);
  return { config, file, text, imports };
}

function problemsError(shownPath: string, problems: readonly string[], files: readonly string[]): ConfigError {
  const [first = "", ...more] = problems;
  if (more.length === 0) return new ConfigError(`${shownPath}: ${first}`, files);
  return new ConfigError(`${shownPath}:`, files, { details: problems.map((problem) => `  ${problem}`) });
}

function parseJson(text: string, file: string, shownPath: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ConfigError(`${shownPath}: ${messageOf(error)}`, [file], { cause: error });
  }
}

/**
 * Evaluates a config module. Node's own loader is not used, because Node 20 does not strip types, and because the
 * loader caches modules and does not report which files a module imports.
 */
async function evaluate(
  file: string,
  text: string,
  shownPath: string,
): Promise<{ readonly value: unknown; readonly imports: readonly string[] }> {
  const { createJiti } = await import("jiti");
  // The package may be installed outside the project, for example by npx.
  const virtualModules = { "dbus-codegen-ts": { defineConfig } };
  const jiti = createJiti(file, { fsCache: false, interopDefault: false, virtualModules });
  const cachedBefore = new Set(Object.keys(jiti.cache));
  const takeImports = (): readonly string[] => {
    const loaded = Object.keys(jiti.cache).filter(
      (path) => !cachedBefore.has(path) && !path.includes("/node_modules/"),
    );
    for (const path of loaded) delete jiti.cache[path];
    return loaded.filter((path) => path !== file);
  };
  try {
    const module = await jiti.evalModule(text, { filename: file, async: true, forceTranspile: true });
    const imports = takeImports();
    if (typeof module === "object" && module !== null && "default" in module) return { value: module.default, imports };
    throw new ConfigError(`${shownPath} has no default export: write export default defineConfig({ … })`, [
      file,
      ...imports,
    ]);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(`${shownPath} cannot be loaded: ${messageOf(error)}`, [file, ...takeImports()], {
      cause: error,
    });
  }
}

/** Returns the message of an error on one line. */
function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message
    .replace(/^ParseError: /, "")
    .replace(/\s+/g, " ")
    .trim();
}
