import { realpathSync, statSync } from "node:fs";
import { basename, dirname } from "node:path";
import { type Debounced, debounce } from "@dbus-codegen-ts/runtime/async";
import { type FSWatcher, watch } from "chokidar";
import type { Inputs } from "../config/build.ts";

/** A burst of changes ends when nothing has changed for the quiet time, or after the longest wait. */
const BURST = { quietMs: 50, maxWaitMs: 1_000 };
/** Interval of checks if the system cannot report changes, for example because it has no more watches. */
const POLL_INTERVAL_MS = 1_000;

/** A folder whose direct entries are watched. */
interface WatchedFolder {
  readonly watcher: FSWatcher;
  readonly inode: number | undefined;
  names: RelevantNames;
}

/** Names of the entries of a folder whose changes are reported; undefined for all entries. */
type RelevantNames = ReadonlySet<string> | undefined;

/** Calls a function once per burst of changes in a set of files and folders. The paths need not exist. */
export class FileWatcher {
  readonly #onChange: () => void;
  readonly #notify: Debounced;
  readonly #folders = new Map<string, WatchedFolder>();
  #poll: NodeJS.Timeout | undefined;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
    this.#notify = debounce(onChange, BURST);
  }

  /** Watches these inputs, with absolute paths, and no others. */
  async update(inputs: Inputs): Promise<void> {
    const next = foldersToWatch(inputs);
    for (const [path, { inode }] of [...this.#folders]) {
      // Another folder with the same name needs a new watcher.
      if (!next.has(path) || inodeOf(path) !== inode) await this.#unwatch(path);
    }
    for (const [path, names] of next) {
      const folder = this.#folders.get(path);
      if (folder === undefined) this.#watch(path, names);
      else {
        if (isWider(names, folder.names)) this.#notify();
        folder.names = names;
      }
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#poll);
    this.#notify.cancel();
    for (const path of [...this.#folders.keys()]) await this.#unwatch(path);
  }

  #watch(path: string, names: RelevantNames): void {
    // The initial events report changes from the time before the watch begins.
    const watcher = watch(path, { depth: 0, ignoreInitial: false });
    watcher.on("all", (_, changed) => this.#onEvent(path, changed));
    watcher.on("error", () => {
      this.#poll ??= setInterval(this.#onChange, POLL_INTERVAL_MS);
    });
    this.#folders.set(path, { watcher, inode: inodeOf(path), names });
  }

  async #unwatch(path: string): Promise<void> {
    const folder = this.#folders.get(path);
    this.#folders.delete(path);
    await folder?.watcher.close();
  }

  #onEvent(path: string, changed: string): void {
    const names = this.#folders.get(path)?.names;
    if (changed === path || names === undefined || names.has(basename(changed))) this.#notify();
  }
}

/** Returns whether `names` contains a name that `before` does not contain. Undefined means all names. */
function isWider(names: RelevantNames, before: RelevantNames): boolean {
  return before !== undefined && (names === undefined || [...names].some((name) => !before.has(name)));
}

/**
 * Returns the folders to watch, with the names of their entries whose changes matter: the named folders, the folders of
 * named files, and the folders of the targets of links. If one of these does not exist, the nearest existing folder
 * above it is watched.
 */
function foldersToWatch({ files, folders }: Inputs): ReadonlyMap<string, RelevantNames> {
  const names = new Map<string, Set<string> | undefined>();
  const addEntry = (path: string): void => {
    const folder = dirname(path);
    if (inodeOf(folder) === undefined && folder !== path) addEntry(folder);
    else if (!names.has(folder)) names.set(folder, new Set([basename(path)]));
    else names.get(folder)?.add(basename(path));
  };
  for (const folder of folders) {
    if (inodeOf(folder) !== undefined) names.set(folder, undefined);
  }
  for (const folder of folders) addEntry(folder);
  for (const file of files) {
    addEntry(file);
    addEntry(realPath(file));
  }
  return names;
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** Returns the inode of a folder, or undefined if the path is not a folder. */
function inodeOf(path: string): number | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats?.isDirectory() ? stats.ino : undefined;
}
