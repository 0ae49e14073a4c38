import { constants } from "node:fs";
import { type FileHandle, open, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { FileProblem } from "./key-file.ts";
import { MAX_POLICY_FILE, type PolicyFile, parsePolicyFile } from "./policy-file.ts";

const SUFFIX = ".policy";
/** How often a directory is read where its files keep being renamed. */
const MAX_ATTEMPTS = 5;
// Does not wait for a writer where the file is a pipe.
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** The policy files of a directory by their names, in the order of these, or why it cannot be read. */
export type DirectoryContent =
  | { readonly files: ReadonlyMap<string, PolicyFile> }
  | { readonly problems: readonly FileProblem[] };

/**
 * Reads the policy files of a directory: those that end with `.policy` and do not start with a dot. Where there is no
 * directory, there are no files. Only regular files are read, so that nothing outside of the directory decides.
 */
export async function readPolicyDirectory(path: string): Promise<DirectoryContent> {
  try {
    let names = await policyNames(path);
    for (let attempt = 1; ; attempt++) {
      const files = await readFiles(path, names);
      const namesAfter = await policyNames(path);
      // A file renamed in between was perhaps met under neither name, and must not seem removed.
      const isQuiet = files.size === names.length && namesAfter.join("/") === names.join("/");
      if (isQuiet || attempt === MAX_ATTEMPTS) return { files };
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

/** What is in a file; undefined where there is none any more. */
async function readPolicyFile(path: string): Promise<PolicyFile | undefined> {
  try {
    await using file = await open(path, FLAGS);
    if (!(await file.stat()).isFile()) return { problems: [{ message: "not a regular file" }] };
    return parsePolicyFile(await readStart(file));
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOENT") return undefined;
    return { problems: [code === "ELOOP" ? { message: "a symbolic link, not a regular file" } : cannotRead(error)] };
  }
}

/** The content, or enough of it to show that it is too large. */
async function readStart(file: FileHandle): Promise<Uint8Array> {
  const buffer = Buffer.alloc(MAX_POLICY_FILE + 1);
  let length = 0;
  while (length < buffer.length) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length, length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return buffer.subarray(0, length);
}

/** The code of an error of the system, such as `ENOENT`. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

function cannotRead(error: unknown): FileProblem {
  return { message: `cannot be read: ${error instanceof Error ? error.message : String(error)}` };
}
