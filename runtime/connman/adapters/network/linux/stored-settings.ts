import type { SerialChanges } from "./serial-changes.ts";
import { DEFAULT_SETTINGS, type NetworkSettings, readSettingsFile, writeSettingsFile } from "./settings-file.ts";

/** The settings of users, which are in a file if there is one. */
export class StoredSettings {
  readonly #file: string | undefined;
  readonly #changes: SerialChanges;
  #current = DEFAULT_SETTINGS;

  constructor(file: string | undefined, changes: SerialChanges) {
    this.#file = file;
    this.#changes = changes;
  }

  get current(): NetworkSettings {
    return this.#current;
  }

  /** Reads the file. Throws Error if it is damaged; the settings are then the default ones. */
  async load(): Promise<void> {
    if (this.#file !== undefined) this.#current = await readSettingsFile(this.#file);
  }

  /** Changes settings, and writes the file after the changes of the system so far. */
  change(change: Partial<NetworkSettings>): void {
    this.#current = { ...this.#current, ...change };
    const file = this.#file;
    if (file !== undefined) this.#changes.add(() => writeSettingsFile(file, this.#current));
  }
}
