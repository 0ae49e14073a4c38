import { join } from "node:path";
import { errorCode, readFolder, readRegularFile } from "@dbus-codegen-ts/runtime/files";
import type { FileProblem } from "./key-file.ts";
import { MAX_POLICY_FILE_BYTES, type PolicyFile, parsePolicyFile } from "./policy-file.ts";

const SUFFIX = ".policy";
/** Maximum number of policy files. A directory with more files is not read. */
const MAX_FILES = 1024;
/** Maximum number of times that a directory is read because files were renamed during the reading. */
const MAX_ATTEMPTS = 5;

/** The policy files of a directory by name, sorted by name, or the reason why it cannot be read. */
export type DirectoryContent =
  | {
      readonly files: ReadonlyMap<string, PolicyFile>;
      /**
       * Whether every file was certainly found. False if files were renamed during the last attempt to read the
       * directory.
       */
      readonly isComplete: boolean;
    }
  | { readonly problems: readonly FileProblem[] };

/**
 * Reads the policy files of a directory: those that end with `.policy` and do not start with a dot. Returns no files if
 * the directory does not exist. Reads regular files only, so that nothing outside the directory can have an effect.
 */
export async function readPolicyDirectory(path: string): Promise<DirectoryContent> {
  try {
    let names = await policyNames(path);
    for (let attempt = 1; ; attempt++) {
      if (names.length > MAX_FILES) return { problems: [{ message: `has more than ${MAX_FILES} policy files` }] };
      const files = await readFiles(path, names);
      const namesAfter = await policyNames(path);
      // A file that was renamed during the reading may have been found under neither of its names. It must not be
      // treated as removed.
      const isUnchanged = files.size === names.length && namesAfter.join("/") === names.join("/");
      if (isUnchanged || attempt === MAX_ATTEMPTS) return { files, isComplete: isUnchanged };
      names = namesAfter;
    }
  } catch (error) {
    return errorCode(error) === "ENOENT" ? { files: new Map(), isComplete: true } : { problems: [cannotRead(error)] };
  }
}

async function policyNames(path: string): Promise<readonly string[]> {
  const names = await readFolder(path);
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
  const content = await readRegularFile(path, MAX_POLICY_FILE_BYTES);
  if (content.kind === "missing") return undefined;
  return content.kind === "bytes" ? parsePolicyFile(content.bytes) : { problems: [{ message: content.problem }] };
}

function cannotRead(error: unknown): FileProblem {
  return { message: `cannot be read: ${error instanceof Error ? error.message : String(error)}` };
}
