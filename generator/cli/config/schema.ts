import { isBusName, isObjectPath } from "@dbus-codegen-ts/runtime/grammar";
import { z } from "zod";
import { TARGETS } from "../../compiler/emit/emit.ts";
import { isRuleKey, RULE_KEYS, SETTINGS } from "../../tools/lint/settings.ts";
import {
  editorSchema,
  list,
  objectError,
  oneOf,
  pathText,
  record,
  schemaProblems,
  strictObject,
  text,
} from "../../tools/schema-problems.ts";
import type { Config } from "./config.ts";
import { isPattern, NO_PATTERNS } from "./specs.ts";

const PATHS = list(
  text("a file or folder").refine((name) => !isPattern(name), { error: `a file or folder; ${NO_PATTERNS}` }),
);

const SERVICE_SCHEMA = strictObject({
  bus: oneOf(["session", "system"]).describe("Bus of the service. Default: session").exactOptional(),
  objects: record(text("an object path").refine(isObjectPath, { error: "an object path, such as /org/example/Lamp" }))
    .describe("Object paths by interface, or by the beginning of interface names and .*")
    .exactOptional(),
});

const SETTING_SCHEMAS = {
  specs: PATHS.describe(
    "Specs: .xml files, folders whose .xml files (at any depth) are read, and catalogue:<name>",
  ).exactOptional(),
  overlays: PATHS.describe(
    "Overlays: .xml files, folders of them, and catalogue:<name>, that enrich the interfaces of the specs",
  ).exactOptional(),
  exclude: PATHS.describe("Specs to leave out: .xml files, and folders of them").exactOptional(),
  out: text("a folder").describe("Output folder of the generated modules").exactOptional(),
  targets: list(oneOf(TARGETS)).describe("Classes to generate for each interface. Default: both").exactOptional(),
  importExtension: oneOf([".js", ".ts", ""])
    .describe("File extension in imports between generated modules. Default: .js")
    .exactOptional(),
  runtimeModule: text("the name of a module")
    .describe("Module that the generated modules import. Default: @dbus-codegen-ts/runtime")
    .exactOptional(),
  contractsOnly: z
    .boolean({ error: "true or false" })
    .describe("Whether only contracts are generated, without classes. Default: false")
    .exactOptional(),
  rename: record(text("an identifier"))
    .describe("TypeScript names by address, such as org.example.Lamp1.Play")
    .exactOptional(),
  nameElements: z
    .int({ error: "a number from 1" })
    .min(1, { error: "a number from 1" })
    .describe(
      "Number of elements at the end of an interface name from which the names of its classes are made. Default: 1",
    )
    .exactOptional(),
  annotate: record(record(z.string({ error: 'the value of an annotation: a text such as "true"' })))
    .describe("Annotations: values by name, by address or pattern of addresses")
    .exactOptional(),
  rules: z
    .partialRecord(z.enum(RULE_KEYS.filter(isRuleKey)), oneOf(SETTINGS), {
      error: objectError(RULE_KEYS, '"dbus-codegen explain" lists the rules'),
    })
    .describe("Settings of lint rules, groups of rules and warnings")
    .exactOptional(),
  services: z
    .record(z.string().refine(isBusName, { error: "a bus name" }), SERVICE_SCHEMA, { error: "an object by bus name" })
    .describe("Services by bus name, which the snippets of docs call")
    .exactOptional(),
} satisfies Record<keyof Config, z.ZodType>;

const CONFIG_SCHEMA = strictObject({
  ...SETTING_SCHEMAS,
  $schema: z.string({ error: "the address of a JSON schema" }).describe("JSON schema for editors").exactOptional(),
});

/** A valid config, or all problems of an invalid one, each in the form `path: problem`. */
export type CheckedConfig =
  | { readonly config: Config; readonly problems?: never }
  | { readonly problems: readonly string[]; readonly config?: never };

/** Checks the value of a config file or of a plugin's options. Settings that are undefined are ignored. */
export function checkConfig(value: unknown): CheckedConfig {
  const defined = withoutUndefined(value);
  const problems = schemaProblems(CONFIG_SCHEMA, defined);
  const { data } = CONFIG_SCHEMA.safeParse(defined);
  if (data === undefined || problems.length > 0) {
    return { problems: problems.map(({ path, message }) => `${pathText(path) || "the config"}: ${message}`) };
  }
  const { $schema: _, ...config } = data;
  return { config };
}

function withoutUndefined(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([, setting]) => setting !== undefined));
}

/** Returns the JSON schema of `dbus-codegen.config.json`. */
export function configJsonSchema(): object {
  return editorSchema(CONFIG_SCHEMA, "Config of dbus-codegen");
}
