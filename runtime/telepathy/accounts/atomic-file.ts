import { randomBytes } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

const TEMPORARY = /^\..*\.tmp$/;
const ASIDE = ".broken-";

/**
 * Writes a file for the user alone, so that after a crash at any point there is the old content or the new one, whole.
 * Nobody else may write the same file at the same time. Resolves when the new content is on the disk.
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

/** Removes a file, where it is there. Resolves when it will not come back after a crash. */
export async function removeFile(file: string): Promise<void> {
  await rm(file, { force: true });
  await syncFolder(dirname(file));
}

/** Gives a file another name, which no file had before, so that nothing overwrites it. Resolves with that name. */
export async function putAside(file: string): Promise<string> {
  const aside = `${file}${ASIDE}${randomBytes(4).toString("hex")}`;
  await rename(file, aside);
  await syncFolder(dirname(file));
  return aside;
}

/** The name that a file had before it was put aside; undefined where it was not. */
export function nameBeforeAside(name: string): string | undefined {
  const at = name.lastIndexOf(ASIDE);
  return at < 0 ? undefined : name.slice(0, at);
}

/** Whether a file of this name is what a crash left of writing. */
export function isLeftover(name: string): boolean {
  return TEMPORARY.test(name);
}

/** Without it, a crash of the machine could undo a rename. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
