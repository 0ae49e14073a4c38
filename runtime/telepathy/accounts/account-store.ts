import type { AccountName, StoredAccount } from "./account-settings.ts";

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
  /** Saves an account and replaces its earlier state. Resolves when the account would survive a crash. */
  save(account: StoredAccount): Promise<void>;
  /** Removes an account and its secrets; does nothing if it is not stored. */
  remove(name: AccountName): Promise<void>;
}
