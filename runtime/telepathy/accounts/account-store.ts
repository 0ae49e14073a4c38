import type { AccountName, StoredAccount } from "./account-settings.ts";

/** Keeps accounts between two runs of the account manager. Only one account manager uses a store at a time. */
export interface AccountStore {
  /** All accounts that can be read. Called first, once. */
  load(): Promise<readonly StoredAccount[]>;
  /** Keeps an account in place of what there was. Resolves when it would survive a crash. */
  save(account: StoredAccount): Promise<void>;
  /** Forgets an account and its secrets; nothing happens where there is none. */
  remove(name: AccountName): Promise<void>;
}
