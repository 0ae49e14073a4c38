import { basename, dirname, resolve } from "node:path";
import { type FSWatcher, watch } from "chokidar";

/** Reports that a directory, or an entry in it, may have been changed, created, removed or replaced. */
export class DirectoryWatch {
  readonly #path: string;
  readonly #onChange: () => void;
  #watchers: readonly FSWatcher[] = [];

  /** @param onChange - Called for each event. It must read the directory to find out about changes. */
  constructor(path: string, onChange: () => void) {
    this.#path = resolve(path);
    this.#onChange = onChange;
  }

  /**
   * Watches the directory that the path means now. Call it before each reading, because the directory may have been
   * replaced, and the operating system continues to watch the old one.
   *
   * @returns The error of the system if it does not watch all directories, for instance because of too many watches.
   */
  async start(): Promise<Error | undefined> {
    const previous = this.#watchers;
    const errors: Error[] = [];
    // A replaced directory is noticed in the directory above it.
    const paths = withAncestors(this.#path);
    this.#watchers = paths.map((path, index) => this.#watch(path, paths[index + 1], (error) => errors.push(error)));
    await Promise.all(this.#watchers.map((watcher) => new Promise<void>((ready) => watcher.once("ready", ready))));
    await closeAll(previous);
    return errors[0];
  }

  async close(): Promise<void> {
    await closeAll(this.#watchers);
  }

  /** @param child - The only entry whose events are reported. Undefined: all events are reported. */
  #watch(path: string, child: string | undefined, onError: (error: Error) => void): FSWatcher {
    const watcher = watch(path, {
      depth: 0,
      persistent: false,
      ignorePermissionErrors: true,
      // Events of a directory include its entries, which need no separate watches.
      ignored: (entry) => resolve(entry) !== path,
    });
    // Other events of chokidar are derived from a comparison of names, which does not notice a replaced directory.
    watcher.on("raw", (_event, name: string | null) => {
      if (child === undefined || name === null || name === basename(child)) this.#onChange();
    });
    watcher.on("error", (error) => onError(error instanceof Error ? error : new Error(String(error))));
    return watcher;
  }
}

/** Returns all directories above a path and the path itself, the topmost first. */
function withAncestors(path: string): readonly string[] {
  const parent = dirname(path);
  return parent === path ? [path] : [...withAncestors(parent), path];
}

async function closeAll(watchers: readonly FSWatcher[]): Promise<void> {
  await Promise.all(watchers.map((watcher) => watcher.close()));
}
