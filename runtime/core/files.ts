import { constants } from "node:fs";
import { type FileHandle, open, opendir } from "node:fs/promises";

/** Content of a file, or the reason why it cannot be used, such as `not a regular file`. */
export type FileContent =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "missing" }
  | { readonly kind: "unusable"; readonly problem: string };

/**
 * Flags for opening files that others can write. Symbolic links are refused. `open` does not wait for the writer of a
 * pipe, and a terminal does not become the controlling terminal.
 */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;

/** Maximum number of bytes that are read at a time. */
const CHUNK_BYTES = 64 * 1024;

/**
 * Reads a file that other programs can write. Only regular files are read, not links, folders, pipes and devices. At
 * most `maxBytes` + 1 bytes are read, even if the file grows meanwhile. Never rejects.
 *
 * @param maxBytes - Maximum size of the file. A larger file is unusable.
 */
export async function readRegularFile(path: string, maxBytes: number): Promise<FileContent> {
  try {
    const file = await open(path, OPEN_FLAGS);
    try {
      return await readContent(file, maxBytes);
    } finally {
      // Yarn replaces the files of Node by files that `await using` does not close.
      await file.close();
    }
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOENT") return { kind: "missing" };
    if (code === "ELOOP") return { kind: "unusable", problem: "a symbolic link, not a regular file" };
    // A socket, or a device without a driver.
    if (code === "ENXIO") return { kind: "unusable", problem: "not a regular file" };
    return { kind: "unusable", problem: `cannot be read: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** Maximum number of entries of a folder in which others can write. */
const MAX_FOLDER_ENTRIES = 65_536;

/**
 * Returns the names of the entries of a folder in which others can write, in no certain order.
 *
 * @param maxEntries - 65 536 by default.
 * @throws Error of the file system, or if there are more entries than allowed.
 */
export async function readFolder(path: string, maxEntries = MAX_FOLDER_ENTRIES): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of await opendir(path, { bufferSize: 1024 })) {
    if (names.length === maxEntries) throw new Error(`more than ${maxEntries} entries`);
    names.push(name);
  }
  return names;
}

/** Returns the code of a system error, such as `ENOENT`; undefined for any other error. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** Decodes UTF-8 and skips a byte order mark. Returns undefined if the bytes are invalid. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

async function readContent(file: FileHandle, maxBytes: number): Promise<FileContent> {
  if (!(await file.stat()).isFile()) return { kind: "unusable", problem: "not a regular file" };
  const bytes = await readUpTo(file, maxBytes + 1);
  if (bytes.length <= maxBytes) return { kind: "bytes", bytes };
  return { kind: "unusable", problem: `larger than ${maxBytes} bytes` };
}

async function readUpTo(file: FileHandle, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  while (length < maxBytes) {
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, maxBytes - length));
    const { bytesRead } = await file.read(chunk, 0, chunk.length, length);
    if (bytesRead === 0) break;
    chunks.push(chunk.subarray(0, bytesRead));
    length += bytesRead;
  }
  return Buffer.concat(chunks);
}
