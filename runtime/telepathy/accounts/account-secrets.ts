import { resolve } from "node:path";
import type { Subscription, Variant } from "@dbus-codegen-ts/runtime";
import type { SecretService } from "../secrets/secret-service.ts";
import { SecretServiceError } from "../secrets/secret-service-error.ts";
import type { SecretReferences } from "./account-file.ts";
import type { AccountSettings, Parameters } from "./account-settings.ts";
import { NO_SECRETS_FILE, SecretFiles, type SecretsFile } from "./secret-files.ts";
import { SecretItems, type StoredItem, type StoredItems } from "./secret-items.ts";

/** Files, and items of the Secret Service, in which the secrets of an account are stored. */
export interface StoredSecrets {
  readonly file: SecretsFile;
  readonly items: StoredItems;
}

/** Readable secrets of an account, and the names of the secrets that could not be read. */
export interface LoadedSecrets {
  readonly stored: StoredSecrets;
  readonly secrets: Parameters;
  /** Names of secrets that could not be read. */
  readonly unreadSecrets: readonly string[];
}

const NO_SUBSCRIPTION: Subscription = {
  close: async () => undefined,
  [Symbol.asyncDispose]: async () => undefined,
};

export const NO_STORED_SECRETS: StoredSecrets = { file: NO_SECRETS_FILE, items: new Map() };

/** Options of `AccountSecrets`. */
export interface AccountSecretsOptions {
  /** The folder for secrets that are not in the Secret Service. */
  readonly folder: string;
  /** The Secret Service; undefined if all secrets are stored in files. */
  readonly service: SecretService | undefined;
  /** Called with a message if the Secret Service cannot read or store secrets. The message contains no secrets. */
  readonly onProblem: (problem: string) => void;
}

/**
 * Storage for the secrets of accounts: the Secret Service if it is running, otherwise files. A changed secret is
 * stored in a new file or item; the caller then saves the new reference and has the old file or item removed. So no
 * crash can lose a secret.
 */
export class AccountSecrets {
  readonly #files: SecretFiles;
  readonly #items: SecretItems | undefined;
  readonly #onProblem: (problem: string) => void;
  /**
   * Whether the Secret Service has failed during the loading of accounts. Then secrets of further accounts are not
   * read from it.
   */
  #isUnreachable = false;
  /** Whether there may be items in the Secret Service to which no account refers. */
  #mayHaveUnused = true;

  constructor({ folder, service, onProblem }: AccountSecretsOptions) {
    this.#files = new SecretFiles(folder);
    this.#items = service && new SecretItems(service, resolve(folder), onProblem);
    this.#onProblem = onProblem;
  }

  /** Creates the folder if necessary, and removes temporary files that a crash has left. */
  prepare(): Promise<void> {
    return this.#files.prepare();
  }

  /**
   * Reads the secrets of an account without prompting the user. After a failure of the Secret Service, the items of
   * later accounts are not read.
   *
   * @throws BrokenFileError if the file with secrets cannot be used; errors of the file system.
   */
  async load(key: string, { revision, items: references }: SecretReferences): Promise<LoadedSecrets> {
    const { file, secrets } =
      revision === undefined
        ? { file: NO_SECRETS_FILE, secrets: new Map<string, Variant>() }
        : await this.#files.read(key, revision);
    const items = new Map([...references].map(([name, item]) => [name, newItem(item)]));
    if (!this.#isUnreachable) {
      try {
        for (const [name, value] of await this.read(key, { file, items }, false)) secrets.set(name, value);
      } catch (error) {
        this.#isUnreachable = true;
        this.#report(`secrets of the account ${key} cannot be read`, error);
      }
    }
    return { stored: { file, items }, secrets, unreadSecrets: [...items.keys()].filter((name) => !secrets.has(name)) };
  }

  /**
   * Reads the secrets of an account that are in the Secret Service.
   *
   * @param mayPrompt - Whether the user may be prompted to unlock the Secret Service.
   * @throws SecretServiceError if a secret cannot be read.
   */
  async read(key: string, { items }: StoredSecrets, mayPrompt: boolean): Promise<Parameters> {
    const secrets = new Map<string, Variant>();
    for (const [name, item] of items) {
      if (this.#items === undefined)
        throw new SecretServiceError("the secret is in the Secret Service, which is not used");
      secrets.set(name, await this.#items.read(key, item, mayPrompt));
    }
    return secrets;
  }

  /**
   * Stores the secrets of an account in the Secret Service; in a file if the Secret Service fails or would need a
   * prompt.
   *
   * @param before - Where the secrets were stored before; unchanged secrets remain there.
   * @param mustMove - Whether unchanged secrets in a file are moved to the Secret Service if possible.
   * @returns Where the secrets are stored now.
   * @throws InvalidArgumentError if the secrets are too large; errors of the file system.
   */
  async save(key: string, settings: AccountSettings, before: StoredSecrets, mustMove = false): Promise<StoredSecrets> {
    const items = new Map<string, StoredItem>();
    const rest = new Map<string, Variant>();
    for (const name of settings.unreadSecrets) keep(items, name, before.items.get(name));
    for (const [name, value] of settings.secrets) {
      const item = before.items.get(name);
      if (item !== undefined && SecretItems.isStoredIn(item, value)) items.set(name, item);
      else rest.set(name, value);
    }
    const isUnchanged = !mustMove && this.#files.isStoredIn(before.file, rest);
    if (this.#items === undefined || isUnchanged)
      return { items, file: await this.#files.save(key, rest, before.file) };
    // The user is prompted only when a secret was changed, not when secrets are moved.
    const saved = await this.#items.save(key, rest, !mustMove);
    for (const [name, item] of saved.items) items.set(name, item);
    return { items, file: await this.#files.save(key, saved.others, before.file) };
  }

  /**
   * Removes the file and the items that are in `before` and not in `after`. Rejects with an error of the file
   * system.
   */
  async removeReplaced(key: string, before: StoredSecrets, after: StoredSecrets): Promise<void> {
    if (before.file.revision !== after.file.revision) await this.#files.remove(key, before.file);
    const used = new Set([...after.items.values()].map(({ revision }) => revision));
    const isReplaced = [...before.items.values()].some(({ revision }) => !used.has(revision));
    if (!isReplaced || this.#items === undefined) return;
    try {
      await this.#items.remove(key, (revision) => used.has(revision));
    } catch {
      // The Secret Service may be locked. The items are removed when it is unlocked.
      this.#mayHaveUnused = true;
    }
  }

  /**
   * Records that the last update has failed. Its items are unused; the next call of `removeUnusedItems` removes
   * them.
   */
  discard(): void {
    this.#mayHaveUnused = true;
  }

  /** Removes the files for which `isUsed` returns false. */
  removeUnusedFiles(isUsed: (key: string, revision: string) => boolean): Promise<void> {
    return this.#files.removeUnused(isUsed);
  }

  /**
   * Removes the items for which `isUsed` returns false. Does nothing if all items are known to be in use. Never
   * rejects: items that could not be removed are removed by the next call.
   */
  async removeUnusedItems(isUsed: (key: string, revision: string) => boolean): Promise<void> {
    if (!this.#mayHaveUnused || this.#items === undefined) return;
    try {
      await this.#items.removeUnused(isUsed);
      this.#mayHaveUnused = false;
    } catch {
      // The items are removed after the next change of the Secret Service.
    }
  }

  /** Calls a listener when the Secret Service has appeared or been unlocked, and once at the start if it is running. */
  async watch(listener: () => void): Promise<Subscription> {
    return this.#items?.watch(listener) ?? NO_SUBSCRIPTION;
  }

  #report(result: string, error: unknown): void {
    this.#onProblem(`${result}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function newItem({ type, revision }: { readonly type: string; readonly revision: string }): StoredItem {
  return { type, revision, text: undefined };
}

function keep(items: Map<string, StoredItem>, name: string, item: StoredItem | undefined): void {
  if (item !== undefined) items.set(name, item);
}
