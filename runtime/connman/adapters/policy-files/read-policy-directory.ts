import { constants } from "node:fs";
import { type FileHandle, open, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { FileProblem } from "./key-file.ts";
import { MAX_POLICY_FILE_BYTES, type PolicyFile, parsePolicyFile } from "./policy-file.ts";

const SUFFIX = ".policy";
/** Number of times a directory is read if files are renamed during the reading. */
const MAX_ATTEMPTS = 5;
/** Follows no symbolic link, and does not wait for a writer if the file is a pipe. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** The policy files of a directory by name, sorted by name, or the reason why it cannot be read. */
export type DirectoryContent =
  | { readonly files: ReadonlyMap<string, PolicyFile> }
  | { readonly problems: readonly FileProblem[] };

/**
 * Reads the policy files of a directory: those that end with `.policy` and do not start with a dot. Returns no files if
 * the directory does not exist. Reads regular files only, so that nothing outside the directory can have an effect.
 */
export async function readPolicyDirectory(path: string): Promise<DirectoryContent> {
  try {
    let names = await policyNames(path);
    for (let attempt = 1; ; attempt++) {
      const files = await readFiles(path, names);
      const namesAfter = await policyNames(path);
      // A file that was renamed during the reading may have been found under neither name. It must not seem removed.
      const isUnchanged = files.size === names.length && namesAfter.join("/") === names.join("/");
      if (isUnchanged || attempt === MAX_ATTEMPTS) return { files };
      names = namesAfter;
    }
  } catch (error) {
    return errorCode(error) === "ENOENT" ? { files: new Map() } : { problems: [cannotRead(error)] };
  }
}

async function policyNames(path: string): Promise<readonly string[]> {
  const names = await readdir(path);
  return names.filter((name) => name.endsWith(SUFFIX) && !name.startsWith(".")).sort();
}

async function readFiles(path: string, names: readonly string[]): Promise<ReadonlyMap<string, PolicyFile>> {
  const files = new Map<string, PolicyFile>();
  for (const name of names) {
    const file = await readPolicyFile(join(path, name));
    if (file !== undefined) files.set(name, file);
  }
  return files;
}

/** Reads a file. Returns undefined if it does not exist. */
async function readPolicyFile(path: string): Promise<PolicyFile | undefined> {
  try {
    await using file = await open(path, OPEN_FLAGS);
    if (!(await file.stat()).isFile()) return { problems: [{ message: "not a regular file" }] };
    return parsePolicyFile(await readUpToLimit(file));
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOENT") return undefined;
    return { problems: [code === "ELOOP" ? { message: "a symbolic link, not a regular file" } : cannotRead(error)] };
  }
}

/** Reads a file, or so much of it that its size exceeds the limit. */
async function readUpToLimit(file: FileHandle): Promise<Uint8Array> {
  const buffer = Buffer.alloc(MAX_POLICY_FILE_BYTES + 1);
  let length = 0;
  while (length < buffer.length) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length, length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return buffer.subarray(0, length);
}

/** Returns the code of a system error, such as `ENOENT`. */
function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

function cannotRead(error: unknown): FileProblem {
  return { message: `cannot be read: ${error instanceof Error ? error.message : String(error)}` };
}
