import type { Bus } from "@dbus-codegen-ts/runtime";
import { SecretService } from "../secrets/secret-service.ts";
import type { StoreErrorHook } from "./account-manager.ts";
import { FileStore } from "./file-store.ts";
import { type AccountManagerOptions, type ServedAccountManager, serveAccountManager } from "./serve-account-manager.ts";

/** Options of `serveStoredAccounts`. */
export interface StoredAccountsOptions extends Omit<AccountManagerOptions, "store"> {
  /**
   * Called with errors of the store. Also called, with an empty object path, for files that cannot be used and for
   * problems of the Secret Service.
   */
  readonly onStoreError: StoreErrorHook;
}

/**
 * Serves an account manager for the accounts that are stored in a folder. Throws the errors of `serveAccountManager`.
 */
export function serveStoredAccounts(
  bus: Bus,
  folder: string,
  options: StoredAccountsOptions,
): Promise<ServedAccountManager> {
  const onBroken = (file: string, reason: string): void =>
    options.onStoreError(`${file} cannot be used: ${reason}`, "");
  const onSecretsProblem = (problem: string): void => options.onStoreError(problem, "");
  const secretService = new SecretService(bus);
  const store = new FileStore({ folder, secretService, onBroken, onSecretsProblem });
  return serveAccountManager(bus, { ...options, store });
}
