import { execFile, spawn } from "node:child_process";
import { relative, resolve, sep } from "node:path";
import { buffer } from "node:stream/consumers";
import { promisify } from "node:util";
import { MAX_INTROSPECTION_BYTES } from "@dbus-codegen-ts/runtime/grammar";
import type { Source } from "../../compiler/diagnostics/source.ts";
import { UsageError } from "../usage-error.ts";

const run = promisify(execFile);

interface Blob {
  readonly id: string;
  readonly size: number;
}

/** The files of a commit, read without a checkout. Paths are relative to the working folder. */
export class GitTree {
  readonly #cwd: string;
  readonly #blobs: ReadonlyMap<string, Blob>;

  private constructor(cwd: string, blobs: ReadonlyMap<string, Blob>) {
    this.#cwd = cwd;
    this.#blobs = blobs;
  }

  /**
   * Opens a branch, tag or commit.
   * @throws UsageError if the ref does not exist or the folder is not in a repository.
   */
  static async open(ref: string, cwd: string): Promise<GitTree> {
    // Git would read a name that begins with a dash as an option. Git itself rejects other invalid names.
    if (ref === "" || ref.startsWith("-") || /[\s\u0000-\u001F\u007F]/.test(ref))
      throw new UsageError(`"${ref}" is not a git ref`);
    const top = await git(cwd, "rev-parse", "--show-toplevel").catch(fail(`there is no file or folder "${ref}"`));
    const commit = await git(cwd, "rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`).catch(
      fail(`"${ref}" is neither a file, nor a folder, nor a git ref`),
    );
    const list = await git(top.trim(), "ls-tree", "-r", "-l", "-z", "--full-tree", commit.trim());
    return new GitTree(cwd, new Map(list.split("\0").flatMap((line) => readEntry(line, top.trim(), cwd))));
  }

  /** Returns the path of a file, or of all `.xml` files below a folder. */
  xmlFilesBelow(name: string): readonly string[] {
    const path = relative(this.#cwd, resolve(this.#cwd, name)).split(sep).join("/");
    if (this.#blobs.has(path)) return [path];
    const folder = path === "" ? "" : `${path}/`;
    const isBelow = (file: string): boolean => (folder === "" ? !file.startsWith("../") : file.startsWith(folder));
    return [...this.#blobs.keys()].filter((file) => isBelow(file) && file.endsWith(".xml"));
  }

  /** Returns the contents of the files that exist. */
  async read(paths: readonly string[]): Promise<readonly Source[]> {
    const files = paths.flatMap((path) => {
      const blob = this.#blobs.get(path);
      return blob === undefined ? [] : [{ path, ...blob }];
    });
    const contents = await readBlobs(
      this.#cwd,
      files.filter(isWithinLimit).map(({ id }) => id),
    );
    // The parser rejects a spec that is too large by its size, so its bytes are not read.
    return files.map(({ path, id, size }) => ({
      path,
      content: contents.get(id) ?? new Uint8Array(),
      size,
    }));
  }
}

function isWithinLimit({ size }: Blob): boolean {
  return size <= MAX_INTROSPECTION_BYTES;
}

/** Parses a line of `ls-tree -l`: mode, kind, id, size, path. Links and submodules are skipped. */
function readEntry(line: string, top: string, cwd: string): readonly (readonly [string, Blob])[] {
  const [, id, size, path] = /^100\d{3} blob ([0-9a-f]+) +(\d+)\t(.*)$/s.exec(line) ?? [];
  if (id === undefined || path === undefined) return [];
  return [[relative(cwd, resolve(top, path)).split(sep).join("/"), { id, size: Number(size) }]];
}

/** Returns the contents of git objects by ID. One process of git reads all of them. */
async function readBlobs(cwd: string, ids: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
  const contents = new Map<string, Uint8Array>();
  if (ids.length === 0) return contents;
  const child = spawn("git", ["cat-file", "--batch"], { cwd, stdio: ["pipe", "pipe", "ignore"] });
  child.stdin.end(ids.map((id) => `${id}\n`).join(""));
  const all = await buffer(child.stdout);
  for (let at = 0; at < all.length; ) {
    const end = all.indexOf("\n", at);
    const [id = "", , size] = all.toString("latin1", at, end).split(" ");
    const length = Number(size);
    if (end === -1 || !Number.isInteger(length)) throw new UsageError("the output of git cat-file is invalid");
    contents.set(id, all.subarray(end + 1, end + 1 + length));
    at = end + 1 + length + 1;
  }
  return contents;
}

/** Runs git without a shell, with English messages, and returns its standard output. */
async function git(cwd: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await run("git", [...args], {
    cwd,
    maxBuffer: 256 * 1024 * 1024,
    env: { ...process.env, LC_ALL: "C" },
  });
  return stdout;
}

/** Returns an error handler that throws a UsageError with a message and the message of git, if any. */
function fail(message: string): (error: unknown) => never {
  return (error) => {
    const [gitMessage = ""] = error instanceof Error && "stderr" in error ? String(error.stderr).split("\n", 1) : [];
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    const reason = isMissing ? "git is not installed" : gitMessage.replace(/^fatal: /, "git says: ");
    throw new UsageError(reason === "" ? message : `${message}; ${reason}`, { cause: error });
  };
}
