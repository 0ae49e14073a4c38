import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { z } from "zod";

/** The content of `api.json`. */
const API_SCHEMA = z.strictObject({
  /** Subject of the API in a few words. */
  title: z.string(),
  /** Bus on which the service runs. */
  bus: z.enum(["session", "system"]),
  /** Bus names. A name that ends in `.*` is the beginning of the names of several services. */
  names: z.array(z.string()).min(1),
  /** Object from which introspection starts. */
  path: z.string().default("/"),
  /** Version of the service or document that the specs describe. */
  version: z.string(),
  /** Debian packages that contain such a service. */
  debian: z.array(z.string()),
  /** Reasons why dictionaries are not declared, by address of the argument or property. */
  untyped: z.record(z.string(), z.string()).default({}),
});

/** An API of the catalogue: the specs of a service and the overlays that enrich them. */
export interface Api extends z.infer<typeof API_SCHEMA> {
  /** Name of the folder, such as `networkmanager`. */
  readonly name: string;
  /** Absolute path of the folder. */
  readonly folder: string;
}

/** Returns the folder of the catalogue, which is part of this package. */
function catalogueFolder(): string {
  return join(dirname(createRequire(import.meta.url).resolve("dbus-codegen-ts/package.json")), "catalogue");
}

/** Returns all APIs, sorted by name. */
export async function readCatalogue(): Promise<readonly Api[]> {
  const folder = catalogueFolder();
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(names.toSorted().map((name) => readApi(name, join(folder, name))));
}

async function readApi(name: string, folder: string): Promise<Api> {
  return { ...API_SCHEMA.parse(JSON.parse(await readFile(join(folder, "api.json"), "utf8"))), name, folder };
}
