import { type FSWatcher, watch } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { errorCode } from "./read-policy-directory.ts";

/** There is nothing to watch, or watching it is not ours to do; what is above it is watched all the same. */
const EXPECTED: ReadonlySet<string | undefined> = new Set(["ENOENT", "ENOTDIR", "EACCES", "EPERM"]);

/**
 * Tells when something may have changed in a directory, or when it may have been created, removed or replaced. It says
 * nothing about what changed: that is for reading it again to find out.
 */
export class DirectoryWatch {
  readonly #path: string;
  readonly #onChange: () => void;
  #watchers: readonly FSWatcher[] = [];

  constructor(path: string, onChange: () => void) {
    this.#path = resolve(path);
    this.#onChange = onChange;
  }

  /**
   * Watches what the path means now; to be called before each reading, because it may have come to mean another directory.
   *
   * @returns Why the system refuses to watch, if it does, for instance for too many watches.
   */
  arm(): Error | undefined {
    this.close();
    const watchers: FSWatcher[] = [];
    this.#watchers = watchers;
    try {
      // From the top: whatever is replaced later is noticed in the directory above it.
      for (const [directory, child] of ancestors(this.#path)) this.#watch(watchers, directory, child);
      this.#watch(watchers, this.#path);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  close(): void {
    for (const watcher of this.#watchers) watcher.close();
    this.#watchers = [];
  }

  /** @param child - The only entry that counts; all where there is none. */
  #watch(watchers: FSWatcher[], directory: string, child?: string): void {
    try {
      const watcher = watch(directory, { persistent: false }, (_event, name) => {
        if (child === undefined || name === null || name === child) this.#onChange();
      });
      watcher.on("error", () => this.#onChange());
      watchers.push(watcher);
    } catch (error) {
      if (!EXPECTED.has(errorCode(error))) throw error;
    }
  }
}

/** The directories above a path, the topmost first, each with the entry that leads to the path. */
function ancestors(path: string): readonly (readonly [directory: string, child: string])[] {
  const above = dirname(path);
  return above === path ? [] : [...ancestors(above), [above, basename(path)]];
}
