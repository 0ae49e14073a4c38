import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

/** The beginning of a regular file. */
export interface FileContent {
  /** The beginning of the file: at most the requested number of bytes. */
  readonly content: Buffer;
  /** Size of the whole file in bytes. */
  readonly size: number;
}

/**
 * Reads the beginning of a regular file. Anything else, such as a FIFO or a device, is rejected without waiting for
 * data.
 *
 * @param maxBytes - Number of bytes after which reading ends.
 * @param followsLink - Whether the path itself may be a link; true by default.
 * @throws An error of the system, or an Error whose message does not contain the path.
 */
export async function readRegularFile(path: string, maxBytes: number, followsLink = true): Promise<FileContent> {
  const { O_RDONLY, O_NONBLOCK, O_NOCTTY, O_NOFOLLOW } = constants;
  const file = await open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | (followsLink ? 0 : O_NOFOLLOW));
  try {
    return await readContent(file, maxBytes);
  } finally {
    // Yarn replaces the files of Node by files that `await using` does not close.
    await file.close();
  }
}

async function readContent(file: FileHandle, maxBytes: number): Promise<FileContent> {
  const stats = await file.stat();
  if (!stats.isFile()) throw new Error("it is not a regular file");
  // A file that grows while it is read does not exceed the buffer.
  const buffer = Buffer.alloc(Math.min(stats.size, maxBytes));
  let length = 0;
  while (length < buffer.length) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length, length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return { content: buffer.subarray(0, length), size: stats.size };
}

/** Returns a message for an error of `readRegularFile`. `kind` is the noun for the file. */
export function readFailure(kind: string, path: string, error: unknown): string {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return `there is no ${kind} "${path}"`;
  return `cannot read "${path}": ${error instanceof Error ? error.message : String(error)}`;
}
