import { randomBytes } from "node:crypto";
import { open, rename, rm, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

const TEMPORARY_NAME = /^\..*\.tmp$/;

/**
 * Replaces the content of a file, readable by the user only. After a crash at any point, the file has either the old or
 * the new content. Concurrent writes to the same file are not supported. Resolves when the content is on the disk.
 */
export async function writeAtomically(file: string, text: string): Promise<void> {
  // The name is random, so that nothing that exists already is in the way.
  const temporary = join(dirname(file), `.${basename(file)}.${randomBytes(4).toString("hex")}.tmp`);
  try {
    const handle = await open(temporary, "wx", 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await removeTemporary(temporary);
    throw error;
  }
  await syncFolder(dirname(file));
}

/** Removes a file if it exists. Resolves when the removal would survive a crash. */
export async function removeFile(file: string): Promise<void> {
  await rm(file, { force: true });
  await syncFolder(dirname(file));
}

/** Removes a temporary file. Never rejects: one that stays has no effect. */
export async function removeTemporary(file: string): Promise<void> {
  await unlink(file).catch(() => undefined);
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
