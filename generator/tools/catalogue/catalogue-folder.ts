import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** Returns the folder of the catalogue, which is part of this package. */
export function catalogueFolder(): string {
  return join(dirname(createRequire(import.meta.url).resolve("dbus-codegen-ts/package.json")), "catalogue");
}

/** Returns the names of all APIs, sorted. */
export function catalogueNames(): readonly string[] {
  const entries = readdirSync(catalogueFolder(), { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && existsSync(join(entry.parentPath, entry.name, "api.json")))
    .map(({ name }) => name)
    .toSorted();
}
