import type { AccountName, Parameters, StoredAccount } from "./account-settings.ts";

/** Called with an account and all secrets of it, when some of them could be read that could not be read before. */
export type SecretsListener = (name: AccountName, secrets: Parameters) => void;

/** Persistent storage of accounts. Only one account manager may use a store at a time. */
export interface AccountStore {
  /**
   * Prevents other programs from using the store until the result is disposed of. Called once, before the other methods.
   *
   * @throws NotAvailableError if another program uses the store.
   */
  lock(): Promise<AsyncDisposable>;
  /** Loads all accounts that can be used. Called once, before `save` and `remove`. */
  load(): Promise<readonly StoredAccount[]>;
  /** Returns whether something other than a loaded account is stored under a name, so that no account can get it. */
  isUsed(name: AccountName): boolean;
  /**
   * Saves an account and replaces its earlier state. Resolves when the account would survive a crash. `unreadSecrets`
   * remain as they are stored.
   */
  save(account: StoredAccount): Promise<void>;
  /** Removes an account and its secrets; does nothing if it is not stored. */
  remove(name: AccountName): Promise<void>;
  /** Access to the `unreadSecrets` of accounts; undefined if the store can always read all secrets. */
  readonly lateSecrets?: LateSecrets;
}

/** Secrets that a store may be unable to read when it loads an account. */
export interface LateSecrets {
  /**
   * Reads the secrets of an account. The user may be asked to unlock them.
   *
   * @throws NotAvailableError if they cannot be read.
   */
  read(name: AccountName): Promise<Parameters>;
  /** Calls a listener with secrets that can be read later, until the result is disposed of. Called after `load`. */
  watch(listener: SecretsListener): Promise<AsyncDisposable>;
}
