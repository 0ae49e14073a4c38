import { existsSync } from "node:fs";
import { extname, join } from "node:path";
import { catalogueFolder, catalogueNames } from "../catalogue/catalogue-folder.ts";

/**
 * Path of a template's module in the folder of its package: the TypeScript source if this package itself runs from its
 * sources.
 */
const MODULE = extname(import.meta.url) === ".ts" ? "mock.ts" : "dist/mock.js";

/** Returns the names of all templates, sorted. */
export function templateNames(): readonly string[] {
  return catalogueNames().filter((name) => existsSync(templateModule(name)));
}

/** Returns the path of the module of a template. */
export function templateModule(name: string): string {
  return join(catalogueFolder(), name, MODULE);
}
