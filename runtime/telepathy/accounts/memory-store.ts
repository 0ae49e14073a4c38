import { type AccountName, accountPath, type StoredAccount } from "./account-settings.ts";
import type { AccountStore } from "./account-store.ts";

/** Account store without persistence, for tests. */
export class MemoryStore implements AccountStore {
  readonly #accounts = new Map<string, StoredAccount>();

  async lock(): Promise<AsyncDisposable> {
    return { [Symbol.asyncDispose]: async () => undefined };
  }

  async load(): Promise<readonly StoredAccount[]> {
    return [...this.#accounts.values()];
  }

  isUsed(): boolean {
    return false;
  }

  async save(account: StoredAccount): Promise<void> {
    this.#accounts.set(accountPath(account.name), account);
  }

  async remove(name: AccountName): Promise<void> {
    this.#accounts.delete(accountPath(name));
  }
}
