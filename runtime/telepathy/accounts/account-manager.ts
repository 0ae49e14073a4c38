import type { Bus, Incoming, ObjectPath, ServedObject } from "@dbus-codegen-ts/runtime";
import { type Consumer, UsageCounts } from "@dbus-codegen-ts/runtime/usage";
import type { ConnectionParameters, ParamSpec } from "@dbus-codegen-ts/stubs/im.telepathy1.ConnectionManager";
import { InvalidArgumentError, NotAvailableError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import type { AccountCreationProperties } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.AccountManager";
import { escapeIdentifier } from "../connection/escape-identifier.ts";
import { pathIn } from "../connection/object-names.ts";
import { CANONICAL_ROOT, type Dialect } from "../dialects/dialect.ts";
import { toVariants } from "../protocols/wire-parameters.ts";
import { type AccountQuotas, checkParameterSize, checkTextLength, DEFAULT_ACCOUNT_QUOTAS } from "../quotas.ts";
import { type AccountHost, AccountObject } from "./account.ts";
import { AccountManagerView } from "./account-manager-view.ts";
import { areParametersValid, NO_PARAMETERS, updateParameters } from "./account-parameters.ts";
import {
  type AccountName,
  type AccountSettings,
  accountPath,
  newAccountSettings,
  type Parameters,
  type StoredAccount,
  truncateId,
  validateServiceName,
} from "./account-settings.ts";
import type { AccountStore } from "./account-store.ts";
import { isPresence, validateAutomaticPresence, validateRequestedPresence } from "./presence.ts";
import { readParameterSpecs } from "./read-parameter-specs.ts";
import type { RetryOptions } from "./retry-delay.ts";

/**
 * Called when the store fails to save or remove an account.
 *
 * @param account - Object path of the account, which continues to work with its unsaved state.
 */
export type StoreErrorHook = (error: unknown, account: string) => void;

/** An account on the bus, with the client for which it is counted. */
interface ServedAccount {
  readonly account: AccountObject;
  /** Exported D-Bus objects of the account, one for each dialect. */
  readonly served: readonly ServedObject[];
  readonly consumer: Consumer;
}

/** An account manager with its views; lists, creates and removes accounts. */
export class AccountManagerObject implements AccountHost {
  readonly bus: Bus;
  readonly dialects: readonly Dialect[];
  readonly views: readonly AccountManagerView[];
  readonly retryOptions: RetryOptions;
  readonly #store: AccountStore;
  readonly #onStoreError: StoreErrorHook;
  /** Accounts by their canonical path. */
  readonly #accounts = new Map<ObjectPath, ServedAccount>();
  /**
   * Object paths that a new account cannot have: those of all accounts, including accounts that are being created
   * or closed.
   */
  readonly #usedPaths = new Set<ObjectPath>();

  readonly #quotas: Required<AccountQuotas>;
  readonly #usage: UsageCounts;

  constructor(
    bus: Bus,
    dialects: readonly Dialect[],
    store: AccountStore,
    retryOptions: RetryOptions,
    onStoreError: StoreErrorHook,
    quotas: AccountQuotas = {},
  ) {
    this.bus = bus;
    this.dialects = dialects;
    this.views = dialects.map((dialect) => new AccountManagerView(dialect, (...args) => this.createAccount(...args)));
    this.retryOptions = retryOptions;
    this.#store = store;
    this.#onStoreError = onStoreError;
    this.#quotas = { ...DEFAULT_ACCOUNT_QUOTAS, ...quotas };
    const { accountsPerClient, accountsPerUser, accounts } = this.#quotas;
    this.#usage = new UsageCounts("accounts", {
      perClient: accountsPerClient,
      perUser: accountsPerUser,
      total: accounts,
    });
  }

  get accounts(): readonly AccountObject[] {
    return [...this.#accounts.values()].map(({ account }) => account);
  }

  /** Returns the account with an object path under any root; undefined if it does not exist. */
  account(path: ObjectPath): AccountObject | undefined {
    return this.#accounts.get(pathIn(CANONICAL_ROOT, path))?.account;
  }

  async createAccount(
    manager: string,
    protocol: string,
    displayName: string,
    parameters: ConnectionParameters,
    properties: AccountCreationProperties,
    incoming: Incoming,
  ): Promise<ObjectPath> {
    const given = toVariants(parameters);
    this.checkSize({ displayName, ...properties }, given);
    const specs = await readParameterSpecs(this.bus, this.#roots, manager, protocol);
    const validated = updateParameters(specs, NO_PARAMETERS, given);
    const settings = applyProperties(
      newAccountSettings(displayName, validated.parameters, validated.secrets),
      properties,
    );
    const presence = properties.requestedPresence && validateRequestedPresence(properties.requestedPresence);
    const { uid } = await incoming.credentials();
    const consumer = { client: incoming.sender, uid };
    this.#usage.begin(consumer);
    const name = this.#chooseName(manager, protocol, String(given.get("account")?.value ?? ""));
    const account = await this.#saveAndAdd({ name, settings: { ...settings, creatorUid: uid } }, consumer);
    if (presence !== undefined) account.dispatch({ kind: "presenceRequested", presence });
    return account.path;
  }

  /**
   * Serves an account. An account that was stored before is invalid until `validate` has checked it; a new one is
   * valid.
   *
   * @param creator - The client for which a new account is counted; undefined for an account that was stored
   * before.
   */
  async add(stored: StoredAccount, creator?: Consumer): Promise<AccountObject> {
    const account = new AccountObject(this, stored);
    const served = await Promise.all(
      account.views.map((view) => this.bus.serve(pathIn(view.dialect.root, account.path), view)),
    );
    // An account that was stored before is counted only for the user who created it, not for a client.
    const consumer = creator ?? { client: "", uid: stored.settings.creatorUid };
    if (creator === undefined) this.#usage.add(consumer);
    this.#usedPaths.add(account.path);
    this.#accounts.set(account.path, { account, served, consumer });
    if (creator !== undefined) account.dispatch({ kind: "validityChecked", isValid: true });
    else this.#updateLists();
    return account;
  }

  /**
   * Checks the parameters of an account against the declarations of its connection manager and sets whether the
   * account is valid. Never rejects.
   */
  async validate(account: AccountObject): Promise<void> {
    const specs = await this.readParameterSpecs(account.name).catch(() => undefined);
    const isValid = specs !== undefined && areParametersValid(specs, account.settings);
    account.dispatch({ kind: "validityChecked", isValid });
  }

  checkSize(settings: object, parameters: Parameters): void {
    for (const value of Object.values(settings)) {
      if (typeof value === "string") checkTextLength(this.#quotas.accountTextLength, value);
      else if (Array.isArray(value)) checkTextLength(this.#quotas.accountTextLength, value.join(" "));
      else if (isPresence(value)) checkTextLength(this.#quotas.accountTextLength, value.status + value.statusMessage);
    }
    checkParameterSize(this.#quotas.parameterBytes, parameters);
  }

  async save(account: StoredAccount): Promise<void> {
    try {
      await this.#store.save(account);
    } catch (error) {
      this.#onStoreError(error, accountPath(account.name));
      throw error;
    }
  }

  async readSecrets(name: AccountName): Promise<Parameters> {
    return this.#store.lateSecrets?.read(name) ?? new Map();
  }

  onError(error: unknown, account: AccountObject): void {
    this.#onStoreError(error, account.path);
  }

  readParameterSpecs({ manager, protocol }: AccountName): Promise<readonly ParamSpec[]> {
    return readParameterSpecs(this.bus, this.#roots, manager, protocol);
  }

  validityChanged(account: AccountObject): void {
    this.#updateLists();
    for (const view of this.views) view.validityChanged(account.path, account.isValid);
  }

  async remove(account: AccountObject): Promise<void> {
    try {
      await this.#store.remove(account.name);
    } catch (error) {
      this.#onStoreError(error, account.path);
      throw new NotAvailableError("the account could not be removed", { cause: error });
    }
    const closed = account.close();
    for (const view of account.views) view.removed();
    const entry = this.#accounts.get(account.path);
    if (this.#accounts.delete(account.path) && entry !== undefined) this.#usage.end(entry.consumer);
    this.#updateLists();
    for (const view of this.views) view.accountRemoved(account.path);
    await closeAll(entry?.served ?? []);
    void closed.then(() => this.#usedPaths.delete(account.path));
  }

  /** Disconnects all accounts and stops serving them. */
  async close(): Promise<void> {
    const entries = [...this.#accounts.values()];
    this.#accounts.clear();
    await Promise.all(entries.map(({ account }) => account.close()));
    await closeAll(entries.flatMap(({ served }) => served));
  }

  async #saveAndAdd(stored: StoredAccount, consumer: Consumer): Promise<AccountObject> {
    const path = accountPath(stored.name);
    this.#usedPaths.add(path);
    try {
      await this.save(stored);
    } catch (error) {
      this.#usedPaths.delete(path);
      this.#usage.end(consumer);
      throw new NotAvailableError("the account could not be stored", { cause: error });
    }
    return this.add(stored, consumer);
  }

  /** Returns an unused account name, whose `id` is the escaped value of the parameter `account` and a number. */
  #chooseName(manager: string, protocol: string, account: string): AccountName {
    const base = truncateId(escapeIdentifier(account));
    for (let number = 0; ; number++) {
      const name = { manager, protocol, id: `${base}${number}` };
      if (!this.#usedPaths.has(accountPath(name)) && !this.#store.isUsed(name)) return name;
    }
  }

  #updateLists(): void {
    const { accounts } = this;
    const valid = accounts.filter(({ isValid }) => isValid).map(({ path }) => path);
    const invalid = accounts.filter(({ isValid }) => !isValid).map(({ path }) => path);
    for (const view of this.views) view.setAccounts(valid, invalid);
  }

  get #roots() {
    return this.dialects.map(({ root }) => root);
  }
}

async function closeAll(objects: readonly ServedObject[]): Promise<void> {
  await Promise.all(objects.map((object) => object.close()));
}

/**
 * Returns the settings with the properties that CreateAccount received. Throws InvalidArgumentError if a property
 * is invalid.
 */
function applyProperties(settings: AccountSettings, properties: AccountCreationProperties): AccountSettings {
  const [unknown] = Object.keys(properties.extra ?? {});
  if (unknown !== undefined) throw new InvalidArgumentError(`property ${unknown} is not supported, or of another type`);
  const { automaticPresence, service } = properties;
  return {
    ...settings,
    icon: properties.icon ?? settings.icon,
    nickname: properties.nickname ?? settings.nickname,
    supersedes: properties.supersedes?.map((path) => pathIn(CANONICAL_ROOT, path)) ?? settings.supersedes,
    service: service === undefined ? settings.service : validateServiceName(service),
    enabled: properties.enabled ?? settings.enabled,
    connectAutomatically: properties.connectAutomatically ?? settings.connectAutomatically,
    hasBeenOnline: properties.hasBeenOnline ?? settings.hasBeenOnline,
    automaticPresence:
      automaticPresence === undefined ? settings.automaticPresence : validateAutomaticPresence(automaticPresence),
  };
}
