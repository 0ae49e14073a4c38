import { type FSWatcher, watch } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { errorCode } from "@dbus-codegen-ts/runtime/files";

/** Error codes of a directory that is absent or unreadable. */
const IGNORED: readonly string[] = ["ENOENT", "ENOTDIR", "EACCES", "EPERM"];

/** Reports that a directory, or an entry in it, may have been changed, created, removed or replaced. */
export class DirectoryWatch {
  readonly #path: string;
  readonly #onChange: () => void;
  #watchers: readonly FSWatcher[] = [];

  /** @param onChange - Called for each event, without details: the listener must read the directory. */
  constructor(path: string, onChange: () => void) {
    this.#path = resolve(path);
    this.#onChange = onChange;
  }

  /**
   * Watches the directory that now has the path, and all directories above it. Call this method before each reading: if
   * the directory was replaced, the operating system continues to watch the old one.
   *
   * @returns The error if the operating system cannot watch all of them, for instance because of too many watches.
   */
  start(): Error | undefined {
    const previous = this.#watchers;
    const errors: Error[] = [];
    // The watch of the directory above reports that a directory is replaced.
    const paths = withAncestors(this.#path);
    this.#watchers = paths.flatMap((path, index) => this.#watch(path, paths[index + 1], (error) => errors.push(error)));
    closeAll(previous);
    return errors[0];
  }

  close(): void {
    closeAll(this.#watchers);
  }

  /**
   * Watches one directory. An absent or unreadable directory is not watched; the watch of the directory above reports
   * when that changes.
   * Uses the watch of the operating system, because libraries for watching first list each directory, and the
   * directories above may be large.
   *
   * @param child - The only entry whose events are reported. Undefined: all events are reported.
   */
  #watch(path: string, child: string | undefined, onError: (error: Error) => void): readonly FSWatcher[] {
    try {
      const watcher = watch(path, { persistent: false }, (_event, name) => {
        if (child === undefined || name === null || name === basename(child)) this.#onChange();
      });
      return [watcher.on("error", onError)];
    } catch (error) {
      if (!IGNORED.includes(errorCode(error) ?? "")) onError(error instanceof Error ? error : new Error(String(error)));
      return [];
    }
  }
}

/** Returns all directories above a path and the path itself, the topmost first. */
function withAncestors(path: string): readonly string[] {
  const parent = dirname(path);
  return parent === path ? [path] : [...withAncestors(parent), path];
}

function closeAll(watchers: readonly FSWatcher[]): void {
  for (const watcher of watchers) watcher.close();
}
