import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { catalogueFolder, catalogueNames } from "./catalogue-folder.ts";

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
  /** Debian packages that contain the service. */
  debian: z.array(z.string()),
  /** Folder of this repository with specs from which overlays `base-…` are written. */
  base: z.string().optional(),
  /** Reasons why dictionaries are not declared, by address of the argument or property. */
  untyped: z.record(z.string(), z.string()).default({}),
  /** Why warnings about names that the service has chosen are accepted, by code and name. */
  warnings: z.record(z.string(), z.string()).default({}),
});

/** An API of the catalogue: the specs of a service and the overlays that enrich them. */
export interface Api extends z.infer<typeof API_SCHEMA> {
  /** Name of the folder, such as `networkmanager`. */
  readonly name: string;
  /** Absolute path of the folder. */
  readonly folder: string;
  /** Names of the interfaces, sorted. */
  readonly interfaces: readonly string[];
}

/** Returns all APIs, sorted by name. */
export function readCatalogue(): Promise<readonly Api[]> {
  return Promise.all(catalogueNames().map(readApi));
}

async function readApi(name: string): Promise<Api> {
  const folder = join(catalogueFolder(), name);
  const text = await readFile(join(folder, "api.json"), "utf8");
  const specs = (await readdir(join(folder, "specs"))).filter((file) => file.endsWith(".xml"));
  const interfaces = specs.map((file) => file.slice(0, -".xml".length)).toSorted();
  return { ...API_SCHEMA.parse(JSON.parse(text)), name, folder, interfaces };
}

/** Returns whether an API has a bus name. */
export function hasBusName({ names }: Api, busName: string): boolean {
  return names.some((name) => (name.endsWith(".*") ? busName.startsWith(name.slice(0, -1)) : busName === name));
}
