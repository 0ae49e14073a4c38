import { randomBytes } from "node:crypto";
import { lstatSync, unlinkSync } from "node:fs";
import { chmod, link, lstat, unlink } from "node:fs/promises";
import type { Server } from "node:net";
import { dirname, join } from "node:path";
import { quoted } from "../wire/errors.ts";

/** Maximum number of bytes of the path of a Unix socket (unix(7)). The kernel truncates longer paths. */
const MAX_PATH_BYTES = 107;

/** A socket that listens at a path. */
export interface SocketFile {
  /** Ends listening, and removes the file if the file still belongs to the socket. Never throws. */
  close(): void;
}

/**
 * Makes a server listen on a new socket file, to which only the user of this process and root can connect. Errors of
 * the server after that are ignored: a connection that cannot be accepted does not affect the others.
 *
 * @throws Error if the path is too long or exists, or if the system refuses. Nothing is left behind.
 */
export async function listenOnFile(server: Server, path: string): Promise<SocketFile> {
  // When a server closes, Node removes whatever then has the name that the server was bound to. So it is bound to a name
  // that no other program uses, and the file gets its own name by a link, which replaces nothing.
  const temporary = join(dirname(path), `.${randomBytes(4).toString("hex")}`);
  for (const name of [path, temporary]) checkLength(name);
  await bind(server, temporary);
  try {
    const own = await lstat(temporary, { bigint: true });
    await link(temporary, path);
    await unlink(temporary);
    return {
      close() {
        // As long as the socket is open, no other file can have its number.
        if (isFile(path, own)) removeIfPossible(path);
        server.close();
      },
    };
  } catch (error) {
    server.close();
    if (error instanceof Error && Reflect.get(error, "code") === "EEXIST")
      throw new Error(`EADDRINUSE: ${quoted(path)} exists already`, { cause: error });
    throw error;
  }
}

function checkLength(path: string): void {
  if (Buffer.byteLength(path) <= MAX_PATH_BYTES) return;
  throw new Error(`${quoted(path)} is too long for a socket, whose path has at most ${MAX_PATH_BYTES} bytes`);
}

/** Creates a socket that only the user of this process can connect to. */
async function bind(server: Server, path: string): Promise<void> {
  const listening = new Promise<void>((resolve, reject) => server.on("error", reject).once("listening", resolve));
  const isPrivate = createPrivate(() => server.listen(path));
  await listening;
  if (!isPrivate) await chmod(path, 0o600);
}

/**
 * Runs a function that creates a file without permissions for others. Returns false in a worker, where the permissions
 * cannot be limited and the caller must change them.
 */
function createPrivate(create: () => void): boolean {
  let mask: number | undefined;
  try {
    mask = process.umask(0o177);
  } catch {
    // Workers cannot change the mask.
  }
  try {
    create();
  } finally {
    if (mask !== undefined) process.umask(mask);
  }
  return mask !== undefined;
}

function isFile(path: string, { dev, ino }: { readonly dev: bigint; readonly ino: bigint }): boolean {
  const present = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return present?.dev === dev && present.ino === ino;
}

function removeIfPossible(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // The folder can have become read-only.
  }
}
