import { join } from "node:path";
import type { Subscription } from "@dbus-codegen-ts/runtime";
import { readFolder, readRegularFile } from "@dbus-codegen-ts/runtime/files";
import { NotAvailableError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import type { SecretService } from "../secrets/secret-service.ts";
import { BrokenFileError, decodeAccount, encodeAccount, type SecretReferences } from "./account-file.ts";
import { AccountSecrets, NO_STORED_SECRETS, type StoredSecrets } from "./account-secrets.ts";
import type { AccountName, AccountSettings, Parameters, StoredAccount } from "./account-settings.ts";
import type { AccountStore, LateSecrets, SecretsListener } from "./account-store.ts";
import { isTemporaryName, removeFile, removeTemporary, writeAtomically } from "./atomic-file.ts";
import { lockFolder } from "./folder-lock.ts";
import { preparePrivateFolder } from "./private-folder.ts";
import {
  accountNameOf,
  FILE_EXTENSION,
  fileKey,
  keyOf,
  MAX_FILE_BYTES,
  requireReadable,
  textOf,
} from "./store-files.ts";

/** Called with the path of a file that cannot be used, and a description of the problem without secrets. */
export type BrokenFileHook = (file: string, reason: string) => void;

/** Options of a file store. */
export interface FileStoreOptions {
  /**
   * Path of a folder of the user that only this store uses. The folder is created if necessary, and made accessible to
   * the user only.
   */
  readonly folder: string;
  /**
   * The Secret Service, which stores secrets while it is running and unlocked. By default all secrets are stored in
   * files.
   */
  readonly secretService?: SecretService | undefined;
  /**
   * Called by `load` for each account file that cannot be used. The file and the secrets of its account are not
   * changed. By default broken files are not reported.
   */
  readonly onBroken?: BrokenFileHook;
  /** Called with a message if the Secret Service cannot read or store secrets. The message contains no secrets. */
  readonly onSecretsProblem?: (problem: string) => void;
}

/** An account in the store, with the places of its secrets. */
interface Entry {
  readonly account: StoredAccount;
  readonly stored: StoredSecrets;
}

/**
 * Account store in a folder, with one file for each account. Secrets are in the Secret Service or in a second file,
 * to which the account's file refers. After a crash at any time, an account is completely in its old or completely
 * in its new state. Only the user can read the files.
 */
export class FileStore implements AccountStore {
  readonly lateSecrets: LateSecrets = {
    read: (name) => this.#readSecrets(name),
    watch: (listener) => this.#watchSecrets(listener),
  };
  readonly #folder: string;
  readonly #accountsFolder: string;
  readonly #secrets: AccountSecrets;
  readonly #onBroken: BrokenFileHook;
  readonly #entries = new Map<string, Entry>();
  /** Keys (see `fileKey`) of the accounts whose file cannot be used. */
  readonly #brokenKeys = new Set<string>();
  #lastOperation: Promise<unknown> = Promise.resolve();

  constructor({
    folder,
    secretService,
    onBroken = () => undefined,
    onSecretsProblem = () => undefined,
  }: FileStoreOptions) {
    this.#folder = folder;
    this.#accountsFolder = join(folder, "accounts");
    this.#secrets = new AccountSecrets({
      folder: join(folder, "secrets"),
      service: secretService,
      onProblem: onSecretsProblem,
    });
    this.#onBroken = onBroken;
  }

  /**
   * Locks the folder until the result is disposed of.
   *
   * @throws NotAvailableError if another program uses the folder; Error if the program `flock` is not installed.
   */
  lock(): Promise<AsyncDisposable> {
    return lockFolder(this.#folder);
  }

  /**
   * Loads all accounts whose files can be used, in the order of their file names.
   *
   * @throws Error of the file system if the folder cannot be read; Error if it belongs to another user.
   */
  load(): Promise<readonly StoredAccount[]> {
    return this.#serialize(async () => {
      await preparePrivateFolder(this.#folder, { mayBeLink: true });
      await preparePrivateFolder(this.#accountsFolder);
      await this.#secrets.prepare();
      const files = (await readFolder(this.#accountsFolder)).sort();
      for (const name of files.filter(isTemporaryName)) await removeTemporary(join(this.#accountsFolder, name));
      for (const file of files) if (file.endsWith(FILE_EXTENSION)) await this.#readOrReport(file);
      await this.#secrets.removeUnusedFiles(await this.#findUsed());
      return [...this.#entries.values()].map(({ account }) => account);
    });
  }

  isUsed(name: AccountName): boolean {
    return this.#brokenKeys.has(fileKey(name));
  }

  /**
   * Saves an account and its secrets.
   *
   * @throws Error of the file system; InvalidArgumentError if the account is too large, or a parameter cannot be
   * stored.
   */
  save(account: StoredAccount): Promise<void> {
    return this.#serialize(async () => {
      const key = fileKey(account.name);
      if (this.#brokenKeys.has(key)) throw new Error("the file of this account exists and cannot be used");
      await this.#save(key, account);
    });
  }

  /**
   * Removes an account and its secrets.
   *
   * @throws Error of the file system.
   */
  remove(name: AccountName): Promise<void> {
    return this.#serialize(async () => {
      const key = fileKey(name);
      await removeFile(this.#accountPath(key));
      const { stored } = this.#entries.get(key) ?? { stored: NO_STORED_SECRETS };
      this.#entries.delete(key);
      await this.#secrets.removeReplaced(key, stored, NO_STORED_SECRETS);
    });
  }

  async #readSecrets(name: AccountName): Promise<Parameters> {
    const key = fileKey(name);
    try {
      return await this.#secrets.read(key, this.#entries.get(key)?.stored ?? NO_STORED_SECRETS, true);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new NotAvailableError(`the secrets of the account cannot be read: ${reason}`);
    }
  }

  #watchSecrets(listener: SecretsListener): Promise<Subscription> {
    let isWaiting = false;
    // Several changes of the Secret Service are handled together.
    return this.#secrets.watch(() => {
      if (isWaiting) return;
      isWaiting = true;
      void this.#serialize(async () => {
        isWaiting = false;
        await this.#useSecretService(listener);
      }).catch(() => undefined);
    });
  }

  /**
   * Reads secrets that could not be read before and passes them to the listener. Then moves secrets in files to the
   * Secret Service and removes unused items.
   */
  async #useSecretService(listener: SecretsListener): Promise<void> {
    for (const [key, { account, stored }] of this.#entries) {
      const settings = await this.#readMissing(key, account.settings, stored);
      if (settings !== account.settings) listener(account.name, settings.secrets);
      const after = { ...account, settings };
      this.#entries.set(key, { account: after, stored });
      if (stored.file.revision !== undefined) await this.#save(key, after, true);
    }
    await this.#secrets.removeUnusedItems(await this.#findUsed());
  }

  /** Returns the settings, to which those unread secrets are added that the Secret Service returns without a prompt. */
  async #readMissing(key: string, settings: AccountSettings, stored: StoredSecrets): Promise<AccountSettings> {
    if (settings.unreadSecrets.length === 0) return settings;
    try {
      const secrets = new Map([...settings.secrets, ...(await this.#secrets.read(key, stored, false))]);
      return { ...settings, secrets, unreadSecrets: settings.unreadSecrets.filter((name) => !secrets.has(name)) };
    } catch {
      return settings;
    }
  }

  async #save(key: string, account: StoredAccount, mustMove = false): Promise<void> {
    const before = this.#entries.get(key)?.stored ?? NO_STORED_SECRETS;
    const stored = await this.#secrets.save(key, account.settings, before, mustMove);
    const references: SecretReferences = { revision: stored.file.revision, items: stored.items };
    try {
      await writeAtomically(this.#accountPath(key), requireReadable(encodeAccount(account, references)));
    } catch (error) {
      this.#secrets.discard();
      throw error;
    }
    this.#entries.set(key, { account, stored });
    await this.#secrets.removeReplaced(key, before, stored);
  }

  /** Runs an operation after all earlier operations have finished. */
  #serialize<T>(operation: () => Promise<T>): Promise<T> {
    const result = this.#lastOperation.then(operation);
    this.#lastOperation = result.catch(() => undefined);
    return result;
  }

  async #readOrReport(file: string): Promise<void> {
    const key = file.slice(0, -FILE_EXTENSION.length);
    try {
      await this.#read(key);
    } catch (error) {
      // An error in one account must not prevent serving the others.
      this.#brokenKeys.add(key);
      this.#onBroken(join(this.#accountsFolder, file), error instanceof Error ? error.message : String(error));
    }
  }

  /** Reads the file of an account. Does nothing if the file does not exist any more. */
  async #read(key: string): Promise<void> {
    const name = accountNameOf(key);
    if (name === undefined) throw new BrokenFileError("the file name is not that of an account");
    const content = await readRegularFile(this.#accountPath(key), MAX_FILE_BYTES);
    if (content.kind === "missing") return;
    const { account, references } = decodeAccount(textOf(content), name);
    const { stored, secrets, unreadSecrets } = await this.#secrets.load(key, references);
    this.#entries.set(key, { account: { name, settings: { ...account.settings, secrets, unreadSecrets } }, stored });
  }

  /**
   * Returns a function that returns whether a secret is in use: an account refers to it, or its account has a file
   * that was not loaded, such as a broken file or a backup copy.
   */
  async #findUsed(): Promise<(key: string, revision: string) => boolean> {
    const files = await readFolder(this.#accountsFolder);
    const others = files.filter((file) => {
      const isLoaded = file.endsWith(FILE_EXTENSION) && this.#entries.has(file.slice(0, -FILE_EXTENSION.length));
      return !isLoaded && !isTemporaryName(file);
    });
    const keysInUse = new Set(others.map(keyOf));
    return (key, revision) => {
      const { file, items } = this.#entries.get(key)?.stored ?? NO_STORED_SECRETS;
      const isReferred = file.revision === revision || [...items.values()].some((item) => item.revision === revision);
      return isReferred || keysInUse.has(key);
    };
  }

  #accountPath(key: string): string {
    return join(this.#accountsFolder, key + FILE_EXTENSION);
  }
}
