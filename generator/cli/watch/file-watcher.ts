import { type FSWatcher, statSync, watch } from "node:fs";
import { realpath } from "node:fs/promises";
import { basename, dirname } from "node:path";

/** What is looked at; paths are absolute and need not exist. */
export interface Watched {
  readonly files: readonly string[];
  /** Folders in which anything counts. */
  readonly folders: readonly string[];
}

/** How long nothing may happen before a burst of changes is over, and how long a burst may last, in milliseconds. */
const QUIET = 50;
const LONGEST_BURST = 1_000;
/** How often it is looked for changes where the system cannot tell them, in milliseconds. */
const POLL = 1_000;

interface Handle {
  readonly watcher: FSWatcher;
  /** Which folder is watched, should another one get its name. */
  readonly inode: number | undefined;
  /** Names in the folder that count; all where there are none. */
  names: ReadonlySet<string> | undefined;
}

/** Tells, once a burst, that something may have changed in files and folders. What has, whoever is told finds out. */
export class Watcher {
  readonly #onChange: () => void;
  readonly #handles = new Map<string, Handle>();
  #timer: NodeJS.Timeout | undefined;
  #poll: NodeJS.Timeout | undefined;
  #burstBegan: number | undefined;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** Looks at these from now on, and no longer at others. What changed shortly before is told too. */
  async update(watched: Watched): Promise<void> {
    const wanted = await foldersToWatch(watched);
    for (const [folder, handle] of this.#handles) {
      if (wanted.has(folder) && inodeOf(folder) === handle.inode) this.#widen(handle, wanted.get(folder));
      else this.#close(folder);
    }
    const isPolled = [...wanted].map(([folder, names]) => this.#open(folder, names)).includes(false);
    if (!isPolled) clearInterval(this.#poll);
    this.#poll = isPolled ? (this.#poll ?? setInterval(this.#onChange, POLL)) : undefined;
  }

  close(): void {
    clearTimeout(this.#timer);
    clearInterval(this.#poll);
    for (const folder of [...this.#handles.keys()]) this.#close(folder);
  }

  /** Whether the system tells what happens in a folder. */
  #open(folder: string, names: Handle["names"]): boolean {
    if (this.#handles.has(folder)) return true;
    try {
      const inode = inodeOf(folder);
      const watcher = watch(folder, (_, name) => this.#onEvent(folder, name));
      watcher.on("error", () => {
        this.#close(folder);
        this.#trigger();
      });
      this.#handles.set(folder, { watcher, inode, names });
    } catch {
      return false;
    }
    // Between the reading and this moment nobody looked.
    this.#trigger();
    return true;
  }

  /** Other names count from now on; to those that are new something may have happened before. */
  #widen(handle: Handle, names: Handle["names"]): void {
    const { names: before } = handle;
    handle.names = names;
    if (before !== undefined && (names === undefined || [...names].some((name) => !before.has(name)))) this.#trigger();
  }

  #close(folder: string): void {
    this.#handles.get(folder)?.watcher.close();
    this.#handles.delete(folder);
  }

  #onEvent(folder: string, name: string | null): void {
    const names = this.#handles.get(folder)?.names;
    // The folder itself, or a namesake in it: were it gone, a new one could even have its inode, and nobody would look.
    if (name === basename(folder)) this.#close(folder);
    else if (name !== null && names !== undefined && !names.has(name)) return;
    this.#trigger();
  }

  /** Waits for the end of the burst, but not for ever. */
  #trigger(): void {
    const now = Date.now();
    this.#burstBegan ??= now;
    clearTimeout(this.#timer);
    const wait = Math.max(0, Math.min(QUIET, this.#burstBegan + LONGEST_BURST - now));
    this.#timer = setTimeout(() => {
      this.#burstBegan = undefined;
      this.#onChange();
    }, wait);
  }
}

/** The folders to watch, with the names that count in them: folders tell of their files, also of those that come and go. */
async function foldersToWatch({ files, folders }: Watched): Promise<ReadonlyMap<string, Handle["names"]>> {
  const wanted = new Map<string, Set<string> | undefined>();
  const addFile = (file: string): void => {
    const folder = existing(dirname(file));
    // Whatever is made in the nearest folder that exists may be the way to the file.
    if (folder !== dirname(file) || (wanted.has(folder) && wanted.get(folder) === undefined))
      wanted.set(folder, undefined);
    else wanted.set(folder, (wanted.get(folder) ?? new Set()).add(basename(file)));
  };
  for (const folder of folders) wanted.set(existing(folder), undefined);
  for (const file of files) {
    addFile(file);
    const target = await realpath(file).catch(() => file);
    if (target !== file) addFile(target);
  }
  return wanted;
}

/** A folder, or the nearest one around it that exists. */
function existing(folder: string): string {
  const parent = dirname(folder);
  return inodeOf(folder) !== undefined || parent === folder ? folder : existing(parent);
}

function inodeOf(folder: string): number | undefined {
  const found = statSync(folder, { throwIfNoEntry: false });
  return found?.isDirectory() ? found.ino : undefined;
}
