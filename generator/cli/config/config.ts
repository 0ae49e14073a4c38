import type { GenerateOptions } from "../../compiler/generate.ts";
import type { Rules } from "../../tools/lint/settings.ts";

/** What `dbus-codegen.config.ts` says. Paths are relative to its folder; flags of the command line count before it. */
export interface Config extends Omit<GenerateOptions, "writtenIn"> {
  /** `.xml` files, and folders with `.xml` files below them. */
  readonly specs?: readonly string[];
  /** Folder of the generated modules. */
  readonly out?: string;
  /** What lint rules, groups of rules and warnings are set to. */
  readonly rules?: Rules;
}

/** Gives a config its type: `export default defineConfig({ specs: ["specs"], out: "generated" })`. */
export function defineConfig(config: Config): Config {
  return config;
}
