import { randomBytes } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

const TEMPORARY_NAME = /^\..*\.tmp$/;
const BROKEN_SUFFIX = ".broken-";

/**
 * Replaces the content of a file, readable by the user only. After a crash at any point, the file has either the old or
 * the new content. Concurrent writes to the same file are not supported. Resolves when the content is on the disk.
 */
export async function writeAtomically(file: string, text: string): Promise<void> {
  const temporary = join(dirname(file), `.${basename(file)}.tmp`);
  await rm(temporary, { force: true });
  const handle = await open(temporary, "wx", 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
  await syncFolder(dirname(file));
}

/** Removes a file if it exists. Resolves when the removal would survive a crash. */
export async function removeFile(file: string): Promise<void> {
  await rm(file, { force: true });
  await syncFolder(dirname(file));
}

/** Renames a broken file to a new, unique name, so that it is never overwritten. Resolves with that name. */
export async function moveAside(file: string): Promise<string> {
  const newName = `${file}${BROKEN_SUFFIX}${randomBytes(4).toString("hex")}`;
  await rename(file, newName);
  await syncFolder(dirname(file));
  return newName;
}

/** Returns the name that a file had before `moveAside`; undefined if it was not moved. */
export function originalName(name: string): string | undefined {
  const suffix = name.lastIndexOf(BROKEN_SUFFIX);
  return suffix < 0 ? undefined : name.slice(0, suffix);
}

/** Returns whether a name is that of a temporary file, which a crash during `writeAtomically` leaves behind. */
export function isTemporaryName(name: string): boolean {
  return TEMPORARY_NAME.test(name);
}

/** Writes the entries of a folder to the disk. Otherwise a crash of the machine could undo a rename. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
