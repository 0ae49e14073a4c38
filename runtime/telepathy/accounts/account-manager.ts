import type { Bus, ObjectPath, ServedObject } from "@dbus-codegen-ts/runtime";
import { AccountCreationProperties, AccountManagerService } from "@dbus-codegen-ts/stubs/im.telepathy1.AccountManager";
import type { ConnectionParameters, ParamSpec } from "@dbus-codegen-ts/stubs/im.telepathy1.ConnectionManager";
import { InvalidArgumentError, NotAvailableError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { escapeIdentifier } from "../connection/escape-identifier.ts";
import { variantsOf } from "../protocols/wire-parameters.ts";
import { type AccountHost, AccountObject, automaticPresenceOf, requestablePresence, serviceOf } from "./account.ts";
import { areComplete, updateParameters } from "./account-parameters.ts";
import {
  type AccountName,
  type AccountSettings,
  newSettings,
  pathOfAccount,
  type StoredAccount,
  shortId,
} from "./account-settings.ts";
import type { AccountStore } from "./account-store.ts";
import { readParameters } from "./read-parameter-specs.ts";
import type { RetryOptions } from "./retry-delay.ts";

/** Is told of an account that could not be stored; it goes on as it is until the account manager ends. */
export type StoreErrorHook = (error: unknown, account: string) => void;

const NO_PARAMETERS = { parameters: new Map(), secrets: new Map() };

/** Serves the list of accounts, and makes and removes them. */
export class AccountManagerObject extends AccountManagerService implements AccountHost {
  readonly bus: Bus;
  readonly retry: RetryOptions;
  readonly #store: AccountStore;
  readonly #onStoreError: StoreErrorHook;
  readonly #accounts = new Map<string, { readonly account: AccountObject; readonly served: ServedObject }>();
  /** Paths that are taken: also those of accounts that are being made. */
  readonly #taken = new Set<string>();

  constructor(bus: Bus, store: AccountStore, retry: RetryOptions, onStoreError: StoreErrorHook) {
    const supported = Object.values(AccountCreationProperties.entries).map(({ key }) => key);
    super({ interfaces: [], validAccounts: [], invalidAccounts: [], supportedAccountProperties: supported });
    this.bus = bus;
    this.retry = retry;
    this.#store = store;
    this.#onStoreError = onStoreError;
  }

  /** All accounts. */
  get accounts(): readonly AccountObject[] {
    return [...this.#accounts.values()].map(({ account }) => account);
  }

  account(path: string): AccountObject | undefined {
    return this.#accounts.get(path)?.account;
  }

  async createAccount(
    manager: string,
    protocol: string,
    displayName: string,
    parameters: ConnectionParameters,
    properties: AccountCreationProperties,
  ): Promise<ObjectPath> {
    const given = variantsOf(parameters);
    const specs = await readParameters(this.bus, manager, protocol);
    const checked = updateParameters(specs, NO_PARAMETERS, given);
    const settings = withProperties(newSettings(displayName, checked.parameters, checked.secrets), properties);
    const presence = properties.requestedPresence && requestablePresence(properties.requestedPresence);
    const name = this.#newName(manager, protocol, String(given.get("account")?.value ?? ""));
    const account = await this.#make({ name, settings });
    if (presence !== undefined) account.dispatch({ kind: "presenceRequested", presence });
    return account.path;
  }

  /** Serves an account that is stored. Whether it is usable has to be found out, unless it was just checked. */
  async add(stored: StoredAccount, isChecked = false): Promise<AccountObject> {
    const account = new AccountObject(this, stored);
    const served = await this.bus.serve(account.path, account);
    this.#taken.add(account.path);
    this.#accounts.set(account.path, { account, served });
    if (isChecked) account.dispatch({ kind: "validated", valid: true });
    else this.#list();
    return account;
  }

  /** Asks the connection manager of an account whether the account is usable. */
  async validate(account: AccountObject): Promise<void> {
    const specs = await this.specsOf(account.name).catch(() => undefined);
    const valid = specs !== undefined && areComplete(specs, account.settings);
    account.dispatch({ kind: "validated", valid });
  }

  async save(account: StoredAccount): Promise<void> {
    try {
      await this.#store.save(account);
    } catch (error) {
      this.#onStoreError(error, pathOfAccount(account.name));
      throw error;
    }
  }

  specsOf({ manager, protocol }: AccountName): Promise<readonly ParamSpec[]> {
    return readParameters(this.bus, manager, protocol);
  }

  validityChanged(account: AccountObject): void {
    this.#list();
    this.signals.accountValidityChanged(account.path, account.valid);
  }

  async remove(account: AccountObject): Promise<void> {
    try {
      await this.#store.remove(account.name);
    } catch (error) {
      this.#onStoreError(error, account.path);
      throw new NotAvailableError("the account could not be removed", { cause: error });
    }
    const closed = account.close();
    account.signals.removed();
    const known = this.#accounts.get(account.path);
    this.#accounts.delete(account.path);
    this.#list();
    this.signals.accountRemoved(account.path);
    await known?.served.close();
    void closed.then(() => this.#taken.delete(account.path));
  }

  /** Disconnects all accounts and serves them no more. */
  async close(): Promise<void> {
    const all = [...this.#accounts.values()];
    this.#accounts.clear();
    await Promise.all(all.map(({ account }) => account.close()));
    await Promise.all(all.map(({ served }) => served.close()));
  }

  async #make(stored: StoredAccount): Promise<AccountObject> {
    const path = pathOfAccount(stored.name);
    this.#taken.add(path);
    try {
      await this.save(stored);
    } catch (error) {
      this.#taken.delete(path);
      throw new NotAvailableError("the account could not be stored", { cause: error });
    }
    return this.add(stored, true);
  }

  /** A name that no account has. */
  #newName(manager: string, protocol: string, account: string): AccountName {
    const base = shortId(escapeIdentifier(account));
    for (let number = 0; ; number++) {
      const name = { manager, protocol, id: `${base}${number}` };
      if (!this.#taken.has(pathOfAccount(name))) return name;
    }
  }

  #list(): void {
    const { accounts } = this;
    this.properties.validAccounts = accounts.filter(({ valid }) => valid).map(({ path }) => path);
    this.properties.invalidAccounts = accounts.filter(({ valid }) => !valid).map(({ path }) => path);
  }
}

/** Settings of a new account. Throws InvalidArgumentError for a property that it cannot have. */
function withProperties(settings: AccountSettings, properties: AccountCreationProperties): AccountSettings {
  const [unknown] = Object.keys(properties.extra ?? {});
  if (unknown !== undefined) throw new InvalidArgumentError(`property ${unknown} is not supported, or of another type`);
  const { automaticPresence, service } = properties;
  return {
    ...settings,
    icon: properties.icon ?? settings.icon,
    nickname: properties.nickname ?? settings.nickname,
    service: service === undefined ? settings.service : serviceOf(service),
    enabled: properties.enabled ?? settings.enabled,
    connectAutomatically: properties.connectAutomatically ?? settings.connectAutomatically,
    hasBeenOnline: properties.hasBeenOnline ?? settings.hasBeenOnline,
    automaticPresence:
      automaticPresence === undefined ? settings.automaticPresence : automaticPresenceOf(automaticPresence),
  };
}
