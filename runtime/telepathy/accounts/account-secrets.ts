import { resolve } from "node:path";
import type { Subscription, Variant } from "@dbus-codegen-ts/runtime";
import type { SecretService } from "../secrets/secret-service.ts";
import { SecretServiceError } from "../secrets/secret-service-error.ts";
import type { SecretReferences } from "./account-file.ts";
import type { AccountSettings, Parameters } from "./account-settings.ts";
import { NO_SECRETS_FILE, SecretFiles, type SecretsFile } from "./secret-files.ts";
import { SecretItems, type StoredItem, type StoredItems } from "./secret-items.ts";

/** The places of the secrets of an account. */
export interface StoredSecrets {
  readonly file: SecretsFile;
  readonly items: StoredItems;
}

/** Secrets of an account as far as they can be read. */
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

/** Options of the storage of secrets. */
export interface AccountSecretsOptions {
  /** The folder for secrets that are not in the Secret Service. */
  readonly folder: string;
  /** Undefined if all secrets are stored in files. */
  readonly service: SecretService | undefined;
  /** Called with the reason why a secret is not where it should be. It contains no secrets. */
  readonly onProblem: (problem: string) => void;
}

/**
 * Secrets of accounts: in the Secret Service where one runs, otherwise in files. Nothing is overwritten: a changed secret
 * gets a new place. The caller then stores the reference to it, and the old place is removed last.
 */
export class AccountSecrets {
  readonly #files: SecretFiles;
  readonly #items: SecretItems | undefined;
  readonly #onProblem: (problem: string) => void;
  /** Whether reading has failed during the loading of accounts. */
  #isUnreachable = false;
  /** Whether there may be items to which no account refers. */
  #mayHaveUnused = true;

  constructor({ folder, service, onProblem }: AccountSecretsOptions) {
    this.#files = new SecretFiles(folder);
    this.#items = service && new SecretItems(service, resolve(folder), onProblem);
    this.#onProblem = onProblem;
  }

  /** Creates the folder if necessary, and removes what a crash has left behind. */
  prepare(): Promise<void> {
    return this.#files.prepare();
  }

  /**
   * Reads the secrets of an account without asking the user. If the Secret Service fails, those of later accounts are not
   * read from there.
   *
   * @throws BrokenFileError if the file cannot be used; Error of the file system.
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
   * @param mayPrompt - Whether the user may be asked to unlock it.
   * @throws SecretServiceError if a secret cannot be read.
   */
  async read(key: string, { items }: StoredSecrets, mayPrompt: boolean): Promise<Parameters> {
    const secrets = new Map<string, Variant>();
    for (const [name, item] of items) {
      if (this.#items === undefined) throw new SecretServiceError("the Secret Service is not used");
      secrets.set(name, await this.#items.read(key, item, mayPrompt));
    }
    return secrets;
  }

  /**
   * Stores the secrets of an account where they can be stored without asking the user.
   *
   * @param before - Their places before, which are kept where secrets have not changed.
   * @param mustMove - Whether unchanged secrets that are in a file are moved to the Secret Service if possible.
   * @throws InvalidArgumentError if they are too large; Error of the file system.
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
    // Only a change of a secret asks the user, not a later change of the service.
    const saved = await this.#items.save(key, rest, !mustMove);
    for (const [name, item] of saved.items) items.set(name, item);
    return { items, file: await this.#files.save(key, saved.others, before.file) };
  }

  /** Removes the places that are not used any more. Rejects with an Error of the file system. */
  async removeReplaced(key: string, before: StoredSecrets, after: StoredSecrets): Promise<void> {
    if (before.file.revision !== after.file.revision) await this.#files.remove(key, before.file);
    const used = new Set([...after.items.values()].map(({ revision }) => revision));
    const isReplaced = [...before.items.values()].some(({ revision }) => !used.has(revision));
    if (!isReplaced || this.#items === undefined) return;
    try {
      await this.#items.remove(key, (revision) => used.has(revision));
    } catch {
      // It may be locked. It is removed when it is unlocked.
      this.#mayHaveUnused = true;
    }
  }

  /** Has places that `save` returned, and that were not used, removed later. */
  discard(): void {
    this.#mayHaveUnused = true;
  }

  /** Removes the files to which no account refers. */
  removeUnusedFiles(isUsed: (key: string, revision: string) => boolean): Promise<void> {
    return this.#files.removeUnused(isUsed);
  }

  /** Removes the items to which no account refers, if there may be any. Never rejects. */
  async removeUnusedItems(isUsed: (key: string, revision: string) => boolean): Promise<void> {
    if (!this.#mayHaveUnused || this.#items === undefined) return;
    try {
      await this.#items.removeUnused(isUsed);
      this.#mayHaveUnused = false;
    } catch {
      // The next change of the service leads to another attempt.
    }
  }

  /** Calls a listener when the Secret Service may have become usable, and once at the start if it is running. */
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
