import type { Bus, Subscription } from "@dbus-codegen-ts/runtime";
import { AccountManager } from "@dbus-codegen-ts/stubs/im.telepathy1.AccountManager";
import { NotAvailableError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { managerPlace, pathOfName } from "../connection/object-names.ts";
import { DaemonClient } from "../service/daemon.ts";
import { AccountManagerObject, type StoreErrorHook } from "./account-manager.ts";
import type { AccountStore } from "./account-store.ts";
import type { RetryOptions } from "./retry-delay.ts";
import { endLeftover } from "./stale-connection.ts";

/** How accounts are served. */
export interface AccountsOptions {
  /** Keeps the accounts: a `FileStore`, or a `MemoryStore` for tests. */
  readonly store: AccountStore;
  /** How long an account waits before it tries to connect again. */
  readonly retry?: RetryOptions;
  /** Is told of an account that could not be stored. By default nobody is told. */
  readonly onStoreError?: StoreErrorHook;
}

/** An account manager on the bus. */
export interface Accounts extends AsyncDisposable {
  /**
   * What a channel request needs: brings an enabled, valid account online, where it is not, with its AutomaticPresence.
   *
   * @param account - Object path of the account.
   * @returns The path of its connection, once that is connected.
   * @throws NotAvailableError when there is no such account, or it is disabled or not valid; otherwise DBusError that says
   * why it did not connect. A retry may still follow.
   */
  ensureOnline(account: string): Promise<string>;
  /** Disconnects all accounts, gives up the name and serves nothing more. Their settings stay as they are. */
  close(): Promise<void>;
}

/**
 * Serves the account manager and its accounts, and owns the name `im.telepathy1.AccountManager`. Accounts that connect
 * automatically begin to.
 *
 * @throws NotAvailableError when there is an account manager already; what the store throws.
 */
export async function serveAccounts(bus: Bus, options: AccountsOptions): Promise<Accounts> {
  // The store belongs to the manager that is there, so it is not even opened.
  if (await new DaemonClient(bus).nameHasOwner(AccountManager.name)) throw taken();
  const { store, retry = {}, onStoreError = () => undefined } = options;
  const manager = new AccountManagerObject(bus, store, retry, onStoreError);
  const watches: Subscription[] = [];
  const stored = await store.load();
  await Promise.all(stored.map(({ settings }) => endLeftover(bus, settings.connection)));
  for (const account of stored) await manager.add(account);
  await Promise.all(manager.accounts.map((account) => manager.validate(account)));
  const served = await bus.serve(pathOfName(AccountManager.name), manager);
  const ownership = await bus.requestName(AccountManager.name);
  const close = async (): Promise<void> => {
    await Promise.all(watches.map((watch) => watch.close()));
    await manager.close();
    await served.close();
    await ownership.release();
  };
  if (ownership.state !== "owner") {
    await close();
    throw taken();
  }
  for (const name of new Set(stored.map((account) => account.name.manager))) {
    watches.push(await revalidate(manager, name));
  }
  const ensureOnline = async (path: string): Promise<string> => {
    const account = manager.account(path);
    if (account === undefined) throw new NotAvailableError(`there is no account ${path}`);
    return account.online();
  };
  return { ensureOnline, close, [Symbol.asyncDispose]: close };
}

/** Looks again at accounts that were not valid, when their connection manager turns up. */
function revalidate(manager: AccountManagerObject, name: string): Promise<Subscription> {
  return manager.bus.watchName(managerPlace(name).destination, (owner) => {
    if (owner === undefined) return;
    const waiting = manager.accounts.filter((account) => !account.valid && account.name.manager === name);
    for (const account of waiting) void manager.validate(account);
  });
}

function taken(): NotAvailableError {
  return new NotAvailableError("there is an account manager already");
}
