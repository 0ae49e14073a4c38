import { constants } from "node:fs";
import { mkdir, open } from "node:fs/promises";

/** Options of `preparePrivateFolder`. */
export interface PrivateFolderOptions {
  /** Whether the path may be a symbolic link to the folder: false by default. */
  readonly mayBeLink?: boolean;
}

/**
 * Creates a folder if necessary, and makes it accessible to the user of this process only. A folder of another user
 * is refused, because its owner could replace files at any time.
 *
 * @throws Error if the path is not a folder of the user; errors of the file system.
 */
export async function preparePrivateFolder(
  folder: string,
  { mayBeLink = false }: PrivateFolderOptions = {},
): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants;
  // The open folder is changed, not what the path means later.
  const handle = await open(folder, O_RDONLY | O_DIRECTORY | (mayBeLink ? 0 : O_NOFOLLOW));
  try {
    const { uid, mode } = await handle.stat();
    if (uid !== process.geteuid?.()) throw new Error(`the folder ${folder} belongs to another user`);
    if ((mode & 0o777) !== 0o700) await handle.chmod(0o700);
  } finally {
    await handle.close();
  }
}
