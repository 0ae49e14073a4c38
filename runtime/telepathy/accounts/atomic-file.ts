import { randomBytes } from "node:crypto";
import { open, rename, rm, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

const TEMPORARY_NAME = /^\..*\.tmp$/;

/**
 * Replaces the content of a file, which only the user can read. After a crash at any time, the file has either the
 * old or the new content. Resolves when the content is on the disk. Concurrent writes to the same file are not
 * supported.
 */
export async function writeAtomically(file: string, text: string): Promise<void> {
  // The name is random, so that it does not exist already.
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

/** Removes a file if it exists. Resolves when a crash could no longer undo the removal. */
export async function removeFile(file: string): Promise<void> {
  await rm(file, { force: true });
  await syncFolder(dirname(file));
}

/** Removes a temporary file. Never rejects, because a remaining temporary file has no effect. */
export async function removeTemporary(file: string): Promise<void> {
  await unlink(file).catch(() => undefined);
}

/** Returns whether a file name is that of a temporary file. A crash during `writeAtomically` leaves such files. */
export function isTemporaryName(name: string): boolean {
  return TEMPORARY_NAME.test(name);
}

/** Writes the entries of a folder to the disk, so that a crash of the machine cannot undo a rename in it. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
