import type { GenerateOptions } from "../../compiler/generate.ts";
import type { Rules } from "../../tools/lint/settings.ts";
import type { ServiceSettings } from "../../tools/site/service-targets.ts";

/**
 * The content of `dbus-codegen.config.ts`. Paths are relative to its folder. Flags of the command line override its
 * settings.
 */
export interface Config extends Omit<GenerateOptions, "writtenIn"> {
  /** `.xml` files, and folders whose `.xml` files (at any depth) are read; `catalogue:<name>` for the specs of the catalogue. */
  readonly specs?: readonly string[];
  /** Overlays: files like specs that enrich the interfaces of the specs; `catalogue:<name>` for those of the catalogue. */
  readonly overlays?: readonly string[];
  /** Specs and folders of specs that are left out. */
  readonly exclude?: readonly string[];
  /** Output folder of the generated modules. */
  readonly out?: string;
  /** Settings of lint rules, groups of rules and warnings. Settings of warnings also apply to `generate`. */
  readonly rules?: Rules;
  /** Services by bus name. The snippets of `docs` call their objects; `add` writes the entry of the added service. */
  readonly services?: Readonly<Record<string, ServiceSettings>>;
}

/**
 * Returns its argument. An editor and the compiler thereby check the config:
 * `export default defineConfig({ specs: ["specs"], out: "generated" })`.
 */
export function defineConfig(config: Config): Config {
  return config;
}
