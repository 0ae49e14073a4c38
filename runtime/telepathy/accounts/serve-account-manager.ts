import type { Bus, ObjectPath, Subscription } from "@dbus-codegen-ts/runtime";
import { AccountManager } from "@dbus-codegen-ts/stubs/im.telepathy1.AccountManager";
import { NotAvailableError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { busNameToPath, managerTarget } from "../connection/object-names.ts";
import { type Dialect, nameIn, type Root } from "../dialects/dialect.ts";
import { DEFAULT_DIALECTS, requireDifferentNames } from "../dialects/dialects.ts";
import type { AccountQuotas } from "../quotas.ts";
import { DaemonClient } from "../service/daemon.ts";
import { AccountManagerObject, type StoreErrorHook } from "./account-manager.ts";
import { accountPath, type StoredAccount } from "./account-settings.ts";
import type { AccountStore } from "./account-store.ts";
import type { RetryOptions } from "./retry-delay.ts";
import { disconnectStaleConnection } from "./stale-connection.ts";

/** Configuration of an account manager. */
export interface AccountManagerOptions {
  /** Storage of the accounts: a `FileStore`, or a `MemoryStore` for tests. */
  readonly store: AccountStore;
  /**
   * Versions of the API in which the manager and its accounts are served: `telepathy-1-2012` by default. Connection
   * managers of the same versions are used. Two versions with the same names cannot be combined.
   */
  readonly dialects?: readonly Dialect[];
  /** Delays between attempts to connect. */
  readonly retry?: RetryOptions;
  /** Limits on accounts, and on the size of their texts and parameters. */
  readonly quotas?: AccountQuotas;
  /** Called if the store fails to save or remove an account. By default such errors are dropped. */
  readonly onStoreError?: StoreErrorHook;
}

/** An account manager on the bus, until closed. */
export interface ServedAccountManager extends AsyncDisposable {
  /**
   * Brings an enabled, valid account online with its AutomaticPresence, unless it is online already. A channel
   * dispatcher calls this before it requests a channel of the account.
   *
   * @param account - Object path of the account.
   * @returns The object path of the account's connection, when the connection is connected.
   * @throws NotAvailableError if the account does not exist, is disabled or invalid; otherwise DBusError with the
   * cause if the account does not connect. The account may still retry afterwards.
   */
  ensureOnline(account: ObjectPath): Promise<ObjectPath>;
  /** Disconnects all accounts and removes the manager from the bus. The stored accounts are not changed. */
  close(): Promise<void>;
}

/**
 * Serves the account manager and its accounts. Each dialect has a bus name, such as `im.telepathy1.AccountManager`.
 * Accounts with ConnectAutomatically start to connect.
 *
 * @throws NotAvailableError if an account manager is running already, or uses the same store; InvalidArgumentError
 * if the dialects cannot be combined; errors of the store.
 */
export async function serveAccountManager(bus: Bus, options: AccountManagerOptions): Promise<ServedAccountManager> {
  const { store, dialects = DEFAULT_DIALECTS, retry = {}, onStoreError = () => undefined, quotas } = options;
  requireDifferentNames(dialects);
  const names = dialects.map(({ root }) => nameIn(root, AccountManager.name));
  // If another account manager is running, it may use the store, which must not be opened then.
  for (const name of names) if (await new DaemonClient(bus).nameHasOwner(name)) throw alreadyRunning();
  const manager = new AccountManagerObject(bus, dialects, store, retry, onStoreError, quotas);
  const watches: Subscription[] = [];
  const lock = await store.lock();
  const stored = await store.load().catch(async (error: unknown) => {
    await lock[Symbol.asyncDispose]();
    throw error;
  });
  await Promise.all(stored.map(({ settings }) => disconnectStaleConnection(bus, settings.connection)));
  for (const account of stored) await addOrReport(manager, account, onStoreError);
  await Promise.all(manager.accounts.map((account) => manager.validate(account)));
  const cleanup: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(watches.map((watch) => watch.close()));
    await manager.close();
    for (const step of cleanup) await step();
    await lock[Symbol.asyncDispose]();
  };
  for (const view of manager.views) {
    const served = await bus.serve(busNameToPath(nameIn(view.dialect.root, AccountManager.name)), view);
    cleanup.push(() => served.close());
  }
  for (const name of names) {
    const ownership = await bus.requestName(name);
    cleanup.push(() => ownership.release());
    if (ownership.state === "owner") continue;
    await close();
    throw alreadyRunning();
  }
  for (const name of new Set(manager.accounts.map((account) => account.name.manager))) {
    for (const { root } of dialects) watches.push(await validateWhenAvailable(manager, name, root));
  }
  const secrets = await store.lateSecrets?.watch((name, read) => manager.account(accountPath(name))?.secretsRead(read));
  if (secrets !== undefined) cleanup.push(async () => secrets[Symbol.asyncDispose]());
  const ensureOnline = async (path: ObjectPath): Promise<ObjectPath> => {
    const account = manager.account(path);
    if (account === undefined) throw new NotAvailableError(`there is no account ${path}`);
    return account.bringOnline();
  };
  return { ensureOnline, close, [Symbol.asyncDispose]: close };
}

/** Serves an account. If that fails, reports the error, so that the other accounts can still be served. */
async function addOrReport(
  manager: AccountManagerObject,
  account: StoredAccount,
  onError: StoreErrorHook,
): Promise<void> {
  try {
    await manager.add(account);
  } catch (error) {
    const { manager: managerName, protocol, id } = account.name;
    onError(error, `${managerName}/${protocol}/${id}`);
  }
}

/** Validates the invalid accounts of a connection manager each time the manager appears on the bus. */
function validateWhenAvailable(manager: AccountManagerObject, name: string, root: Root): Promise<Subscription> {
  return manager.bus.watchName(managerTarget(name, root).destination, (owner) => {
    if (owner === undefined) return;
    const invalid = manager.accounts.filter((account) => !account.isValid && account.name.manager === name);
    for (const account of invalid) void manager.validate(account);
  });
}

function alreadyRunning(): NotAvailableError {
  return new NotAvailableError("an account manager is running already");
}
