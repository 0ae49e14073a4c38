import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { isBusName } from "@dbus-codegen-ts/runtime/grammar";
import { readRegularFile } from "../../compiler/read/regular-file.ts";

/** Largest number of files that are read in one folder. */
const MAX_FILES = 10_000;
/** Number of bytes that are read of each file. */
const MAX_BYTES = 64 * 1024;

/**
 * Returns the bus names that a bus of this machine can start: `Name` in the `.service` files of packages. A running bus
 * reports the same names.
 *
 * @param folders - Data folders, such as `/usr/share`.
 */
export async function installedServices(folders: readonly string[]): Promise<readonly string[]> {
  const all = folders.flatMap((folder) => [join(folder, "dbus-1/services"), join(folder, "dbus-1/system-services")]);
  const names = await Promise.all(all.map(namesIn));
  return [...new Set(names.flat())].toSorted();
}

async function namesIn(folder: string): Promise<readonly string[]> {
  const files = await readdir(folder).catch((): readonly string[] => []);
  const names: string[] = [];
  for (const file of files.filter((name) => name.endsWith(".service")).slice(0, MAX_FILES)) {
    const found = await readRegularFile(join(folder, file), MAX_BYTES).catch(() => undefined);
    const name = /^Name=(.*)$/m.exec(found?.content.toString() ?? "")?.[1]?.trim();
    if (name !== undefined && isBusName(name)) names.push(name);
  }
  return names;
}
