import type { AccountName, Parameters, StoredAccount } from "./account-settings.ts";

/**
 * Called when secrets of an account have become readable.
 *
 * @param secrets - All secrets of the account that can be read now.
 */
export type SecretsListener = (name: AccountName, secrets: Parameters) => void;

/** Persistent storage of accounts. Only one account manager may use a store at a time. */
export interface AccountStore {
  /**
   * Locks the store, so that no other program can use it until the result is disposed of. Called once, before the
   * other methods.
   *
   * @throws NotAvailableError if another program uses the store.
   */
  lock(): Promise<AsyncDisposable>;
  /** Loads the stored accounts, without those whose data cannot be used. Called once, before `save` and `remove`. */
  load(): Promise<readonly StoredAccount[]>;
  /** Returns whether the data stored under a name cannot be used as an account. A new account cannot get this name. */
  isUsed(name: AccountName): boolean;
  /**
   * Saves an account and replaces its earlier state. Resolves when a crash could no longer undo the change. The
   * stored values of `unreadSecrets` remain unchanged.
   */
  save(account: StoredAccount): Promise<void>;
  /** Removes an account and its secrets; does nothing if it is not stored. */
  remove(name: AccountName): Promise<void>;
  /** Access, after `load`, to secrets that could not be read; undefined if the store can always read all secrets. */
  readonly lateSecrets?: LateSecrets;
}

/** Access to secrets that a store may be unable to read when it loads an account. */
export interface LateSecrets {
  /**
   * Reads the secrets of an account. May prompt the user to unlock the Secret Service.
   *
   * @throws NotAvailableError if the secrets cannot be read.
   */
  read(name: AccountName): Promise<Parameters>;
  /**
   * Calls a listener whenever secrets that were unreadable can be read, until the result is disposed of. Called
   * after `load`.
   */
  watch(listener: SecretsListener): Promise<AsyncDisposable>;
}
