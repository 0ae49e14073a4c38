import type { SerialChanges } from "./serial-changes.ts";
import { DEFAULT_SETTINGS, type NetworkSettings, readSettingsFile, writeSettingsFile } from "./settings-file.ts";

/** The settings of users, kept in memory and, if there is a settings file, in that file. */
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

  /** Reads the settings file. Throws Error if the file is damaged; the settings then have their default values. */
  async load(): Promise<void> {
    if (this.#file !== undefined) this.#current = await readSettingsFile(this.#file);
  }

  /** Changes settings in memory at once, and writes the file after the changes of the system that were added before. */
  change(change: Partial<NetworkSettings>): void {
    this.#current = { ...this.#current, ...change };
    const file = this.#file;
    if (file !== undefined) this.#changes.add(() => writeSettingsFile(file, this.#current));
  }
}
