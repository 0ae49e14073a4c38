import { type AccountName, pathOfAccount, type StoredAccount } from "./account-settings.ts";
import type { AccountStore } from "./account-store.ts";

/** Keeps accounts as long as the program runs. */
export class MemoryStore implements AccountStore {
  readonly #accounts = new Map<string, StoredAccount>();

  async load(): Promise<readonly StoredAccount[]> {
    return [...this.#accounts.values()];
  }

  async save(account: StoredAccount): Promise<void> {
    this.#accounts.set(pathOfAccount(account.name), account);
  }

  async remove(name: AccountName): Promise<void> {
    this.#accounts.delete(pathOfAccount(name));
  }
}
