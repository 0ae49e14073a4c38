import { execFile, spawn } from "node:child_process";
import { relative, resolve, sep } from "node:path";
import { buffer } from "node:stream/consumers";
import { promisify } from "node:util";
import { MAX_SPEC_BYTES } from "../../compiler/read/decode.ts";
import { UsageError } from "../usage-error.ts";

const run = promisify(execFile);

interface Blob {
  readonly id: string;
  readonly size: number;
}

/** The files of a commit, read without a working copy. Paths are as the command line writes them: relative to its folder. */
export class GitTree {
  readonly #cwd: string;
  readonly #blobs: ReadonlyMap<string, Blob>;

  private constructor(cwd: string, blobs: ReadonlyMap<string, Blob>) {
    this.#cwd = cwd;
    this.#blobs = blobs;
  }

  /** Opens a branch, tag or commit. Throws UsageError where there is none of that name, or no repository. */
  static async open(ref: string, cwd: string): Promise<GitTree> {
    // What begins with a dash would be an option to git; the rest is for git to judge.
    if (ref === "" || ref.startsWith("-") || /[\s\u0000-\u001F\u007F]/.test(ref))
      throw new UsageError(`"${ref}" is not a git ref`);
    const top = await git(cwd, "rev-parse", "--show-toplevel").catch(fail(`there is no file or folder "${ref}"`));
    const commit = await git(cwd, "rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`).catch(
      fail(`"${ref}" is neither a file, nor a folder, nor a git ref`),
    );
    const list = await git(top.trim(), "ls-tree", "-r", "-l", "-z", "--full-tree", commit.trim());
    return new GitTree(cwd, new Map(list.split("\0").flatMap((line) => readEntry(line, top.trim(), cwd))));
  }

  /** Paths of the `.xml` files that a name stands for: itself, or all below it. */
  filesAt(name: string): readonly string[] {
    const path = relative(this.#cwd, resolve(this.#cwd, name)).split(sep).join("/");
    if (this.#blobs.has(path)) return [path];
    const folder = path === "" ? "" : `${path}/`;
    const isBelow = (file: string): boolean => (folder === "" ? !file.startsWith("../") : file.startsWith(folder));
    return [...this.#blobs.keys()].filter((file) => isBelow(file) && file.endsWith(".xml"));
  }

  /** Contents of those files that there are. */
  async read(paths: readonly string[]): Promise<readonly { readonly path: string; readonly content: Uint8Array }[]> {
    const found = paths.flatMap((path) => {
      const blob = this.#blobs.get(path);
      return blob === undefined ? [] : [{ path, ...blob }];
    });
    const contents = await readBlobs(
      this.#cwd,
      found.filter(isSmall).map(({ id }) => id),
    );
    // One that is too large is refused by its size alone, so nobody needs its bytes.
    return found.map(({ path, id, size }) => ({
      path,
      content: contents.get(id) ?? new Uint8Array(Math.min(size, MAX_SPEC_BYTES + 1)),
    }));
  }
}

function isSmall({ size }: Blob): boolean {
  return size <= MAX_SPEC_BYTES;
}

/** A line of `ls-tree -l`: mode, kind, id, size, path. Links and submodules are no files. */
function readEntry(line: string, top: string, cwd: string): readonly (readonly [string, Blob])[] {
  const [, id, size, path] = /^100\d{3} blob ([0-9a-f]+) +(\d+)\t(.*)$/s.exec(line) ?? [];
  if (id === undefined || path === undefined) return [];
  return [[relative(cwd, resolve(top, path)).split(sep).join("/"), { id, size: Number(size) }]];
}

/** Contents of objects by their ids, from one process. */
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
    if (end === -1 || !Number.isInteger(length)) throw new UsageError("git gave no answer that can be read");
    contents.set(id, all.subarray(end + 1, end + 1 + length));
    at = end + 1 + length + 1;
  }
  return contents;
}

/** Runs git without a shell, in English, and gives what it prints. */
async function git(cwd: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await run("git", [...args], {
    cwd,
    maxBuffer: 256 * 1024 * 1024,
    env: { ...process.env, LC_ALL: "C" },
  });
  return stdout;
}

/** Turns a failure of git into a message that ends with its own words, where it has any. */
function fail(message: string): (error: unknown) => never {
  return (error) => {
    const [words = ""] = error instanceof Error && "stderr" in error ? String(error.stderr).split("\n", 1) : [];
    const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
    const reason = missing ? "git is not installed" : words.replace(/^fatal: /, "git says: ");
    throw new UsageError(reason === "" ? message : `${message}; ${reason}`, { cause: error });
  };
}
