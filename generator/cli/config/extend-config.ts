import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Config } from "./config.ts";
import { CONFIG_FILES, evaluateConfig, type LoadedConfig } from "./load.ts";

/** Settings that are added to a config. */
export interface AddedSettings {
  readonly specs: readonly string[];
  readonly overlays: readonly string[];
  /** Services by bus name. Entries of the config remain as they are. */
  readonly services: NonNullable<Config["services"]>;
  /** Output folder, which is written into a config that has none. */
  readonly out: string;
}

/** A config file to write. */
export interface ExtendedConfig {
  /** Absolute path. */
  readonly file: string;
  /** New content; undefined if the settings must be added by hand, because the file computes them. */
  readonly text: string | undefined;
  /** Whether the content differs from the present one. */
  readonly isChanged: boolean;
}

/** Returns a config with additional settings: the given config, or a new one in a folder. */
export async function extendConfig(
  folder: string,
  loaded: LoadedConfig | undefined,
  added: AddedSettings,
): Promise<ExtendedConfig> {
  if (loaded === undefined) {
    const file = join(folder, CONFIG_FILES.find((name) => name.endsWith(".json")) ?? "");
    return { file, text: jsonText({ $schema: SCHEMA, ...merged({}, added) }), isChanged: true };
  }
  const { file, config, text } = loaded;
  const wanted = merged(config, added);
  if (isDeepStrictEqual(wanted, config)) return { file, text, isChanged: false };
  const extended = file.endsWith(".json") ? extendJson(text, wanted) : await extendModule(loaded, wanted);
  return { file, text: extended, isChanged: true };
}

const SCHEMA = "./node_modules/dbus-codegen-ts/schemas/config.json";

function merged(config: Config, { specs, overlays, services, out }: AddedSettings): Config {
  const union = (present: readonly string[] = [], more: readonly string[]): readonly string[] => [
    ...new Set([...present, ...more]),
  ];
  const allServices = { ...services, ...config.services };
  const all = { specs: union(config.specs, specs), overlays: union(config.overlays, overlays) };
  return {
    ...config,
    ...(all.specs.length > 0 && { specs: all.specs }),
    ...(all.overlays.length > 0 && { overlays: all.overlays }),
    ...(Object.keys(allServices).length > 0 && { services: allServices }),
    out: config.out ?? out,
  };
}

function extendJson(text: string, { specs, overlays, services, out }: Config): string {
  const value: object = JSON.parse(text);
  const settings = {
    ...(specs && { specs }),
    ...(overlays && { overlays }),
    ...(services && { services }),
    ...(out !== undefined && { out }),
  };
  return jsonText({ ...value, ...settings });
}

function jsonText(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/**
 * Inserts settings into the text of a module. The new text is evaluated. If it does not have exactly the settings of
 * `wanted`, because the module computes its settings, the result is undefined.
 */
async function extendModule({ file, text, config }: LoadedConfig, wanted: Config): Promise<string | undefined> {
  let extended: string | undefined = text;
  for (const key of ["specs", "overlays"] as const) {
    const present = config[key] ?? [];
    const values = (wanted[key] ?? []).filter((value) => !present.includes(value));
    if (values.length > 0 && extended !== undefined) extended = insertIntoList(extended, key, values);
  }
  for (const [name, settings] of Object.entries(wanted.services ?? {})) {
    if (config.services?.[name] !== undefined || extended === undefined) continue;
    extended = insertService(extended, `${JSON.stringify(name)}: ${JSON.stringify(settings)}`);
  }
  if (config.out === undefined && extended !== undefined)
    extended = insertSetting(extended, `out: ${JSON.stringify(wanted.out)}`);
  if (extended === undefined) return undefined;
  const evaluated = await evaluateConfig(file, extended, file).catch(() => undefined);
  return isDeepStrictEqual(evaluated?.config, wanted) ? extended : undefined;
}

/**
 * Appends values to the list with a key, or adds such a list. Returns undefined if the text contains several such
 * lists.
 */
function insertIntoList(text: string, key: string, values: readonly string[]): string | undefined {
  const list = values.map((value) => JSON.stringify(value)).join(", ");
  const [found, second] = text.matchAll(new RegExp(`\\b${key}["']?: *\\[([^\\]]*)\\]`, "g"));
  if (found === undefined) return insertSetting(text, `${key}: [${list}]`);
  if (second !== undefined) return undefined;
  const [whole, content = ""] = found;
  const end = found.index + whole.length - 1;
  const separator = content.trim() === "" || content.trim().endsWith(",") ? "" : ", ";
  const kept = text.slice(0, end);
  return `${separator === "" ? kept : kept.trimEnd()}${separator}${list}${text.slice(end)}`;
}

/**
 * Adds an entry to the object with the key `services`, or adds such an object. Returns undefined if the text contains
 * several such objects.
 */
function insertService(text: string, entry: string): string | undefined {
  const [found, second] = text.matchAll(/\bservices["']?: *\{/g);
  if (found === undefined) return insertSetting(text, `services: { ${entry} }`);
  if (second !== undefined) return undefined;
  const end = found.index + found[0].length;
  return `${text.slice(0, end)} ${entry},${text.slice(end)}`;
}

/** Adds a setting to the only exported object. */
function insertSetting(text: string, setting: string): string | undefined {
  const [found, second] = text.matchAll(/defineConfig\(\{|export default \{/g);
  if (found === undefined || second !== undefined) return undefined;
  const start = found.index + found[0].length;
  return `${text.slice(0, start)}\n  ${setting},${text.slice(start)}`;
}
