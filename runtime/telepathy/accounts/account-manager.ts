import type { Bus, ObjectPath, ServedObject } from "@dbus-codegen-ts/runtime";
import { AccountCreationProperties, AccountManagerService } from "@dbus-codegen-ts/stubs/im.telepathy1.AccountManager";
import type { ConnectionParameters, ParamSpec } from "@dbus-codegen-ts/stubs/im.telepathy1.ConnectionManager";
import { InvalidArgumentError, NotAvailableError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { escapeIdentifier } from "../connection/escape-identifier.ts";
import { toVariants } from "../protocols/wire-parameters.ts";
import { type AccountHost, AccountObject } from "./account.ts";
import { areParametersValid, NO_PARAMETERS, updateParameters } from "./account-parameters.ts";
import {
  type AccountName,
  type AccountSettings,
  accountPath,
  newAccountSettings,
  type StoredAccount,
  truncateId,
  validateServiceName,
} from "./account-settings.ts";
import type { AccountStore } from "./account-store.ts";
import { validateAutomaticPresence, validateRequestedPresence } from "./presence.ts";
import { readParameterSpecs } from "./read-parameter-specs.ts";
import type { RetryOptions } from "./retry-delay.ts";

/**
 * Called when the store fails to save or remove an account.
 *
 * @param account - Object path of the account, which continues to work with its unsaved state.
 */
export type StoreErrorHook = (error: unknown, account: string) => void;

/** Service for `im.telepathy1.AccountManager`: lists, creates and removes accounts. */
export class AccountManagerObject extends AccountManagerService implements AccountHost {
  readonly bus: Bus;
  readonly retryOptions: RetryOptions;
  readonly #store: AccountStore;
  readonly #onStoreError: StoreErrorHook;
  readonly #accounts = new Map<ObjectPath, { readonly account: AccountObject; readonly served: ServedObject }>();
  /** Paths that a new account cannot have, including those of accounts that are being created. */
  readonly #usedPaths = new Set<ObjectPath>();

  constructor(bus: Bus, store: AccountStore, retryOptions: RetryOptions, onStoreError: StoreErrorHook) {
    const supported = Object.values(AccountCreationProperties.entries).map(({ key }) => key);
    super({ interfaces: [], validAccounts: [], invalidAccounts: [], supportedAccountProperties: supported });
    this.bus = bus;
    this.retryOptions = retryOptions;
    this.#store = store;
    this.#onStoreError = onStoreError;
  }

  get accounts(): readonly AccountObject[] {
    return [...this.#accounts.values()].map(({ account }) => account);
  }

  /** Returns the account with an object path; undefined if it does not exist. */
  account(path: ObjectPath): AccountObject | undefined {
    return this.#accounts.get(path)?.account;
  }

  async createAccount(
    manager: string,
    protocol: string,
    displayName: string,
    parameters: ConnectionParameters,
    properties: AccountCreationProperties,
  ): Promise<ObjectPath> {
    const given = toVariants(parameters);
    const specs = await readParameterSpecs(this.bus, manager, protocol);
    const validated = updateParameters(specs, NO_PARAMETERS, given);
    const settings = applyProperties(
      newAccountSettings(displayName, validated.parameters, validated.secrets),
      properties,
    );
    const presence = properties.requestedPresence && validateRequestedPresence(properties.requestedPresence);
    const name = this.#chooseName(manager, protocol, String(given.get("account")?.value ?? ""));
    const account = await this.#saveAndAdd({ name, settings });
    if (presence !== undefined) account.dispatch({ kind: "presenceRequested", presence });
    return account.path;
  }

  /** Serves a stored account. It is invalid until `validate`, unless its parameters were just validated. */
  async add(stored: StoredAccount, isValid = false): Promise<AccountObject> {
    const account = new AccountObject(this, stored);
    const served = await this.bus.serve(account.path, account);
    this.#usedPaths.add(account.path);
    this.#accounts.set(account.path, { account, served });
    if (isValid) account.dispatch({ kind: "validityChecked", isValid });
    else this.#updateLists();
    return account;
  }

  /** Validates the parameters of an account by the declarations of its connection manager. Never rejects. */
  async validate(account: AccountObject): Promise<void> {
    const specs = await this.readParameterSpecs(account.name).catch(() => undefined);
    const isValid = specs !== undefined && areParametersValid(specs, account.settings);
    account.dispatch({ kind: "validityChecked", isValid });
  }

  async save(account: StoredAccount): Promise<void> {
    try {
      await this.#store.save(account);
    } catch (error) {
      this.#onStoreError(error, accountPath(account.name));
      throw error;
    }
  }

  readParameterSpecs({ manager, protocol }: AccountName): Promise<readonly ParamSpec[]> {
    return readParameterSpecs(this.bus, manager, protocol);
  }

  validityChanged(account: AccountObject): void {
    this.#updateLists();
    this.signals.accountValidityChanged(account.path, account.isValid);
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
    const entry = this.#accounts.get(account.path);
    this.#accounts.delete(account.path);
    this.#updateLists();
    this.signals.accountRemoved(account.path);
    await entry?.served.close();
    void closed.then(() => this.#usedPaths.delete(account.path));
  }

  /** Disconnects all accounts and stops serving them. */
  async close(): Promise<void> {
    const entries = [...this.#accounts.values()];
    this.#accounts.clear();
    await Promise.all(entries.map(({ account }) => account.close()));
    await Promise.all(entries.map(({ served }) => served.close()));
  }

  async #saveAndAdd(stored: StoredAccount): Promise<AccountObject> {
    const path = accountPath(stored.name);
    this.#usedPaths.add(path);
    try {
      await this.save(stored);
    } catch (error) {
      this.#usedPaths.delete(path);
      throw new NotAvailableError("the account could not be stored", { cause: error });
    }
    return this.add(stored, true);
  }

  /** Returns a name that no account has: the escaped value of the parameter `account`, and a number. */
  #chooseName(manager: string, protocol: string, account: string): AccountName {
    const base = truncateId(escapeIdentifier(account));
    for (let number = 0; ; number++) {
      const name = { manager, protocol, id: `${base}${number}` };
      if (!this.#usedPaths.has(accountPath(name)) && !this.#store.isUsed(name)) return name;
    }
  }

  #updateLists(): void {
    const { accounts } = this;
    this.properties.validAccounts = accounts.filter(({ isValid }) => isValid).map(({ path }) => path);
    this.properties.invalidAccounts = accounts.filter(({ isValid }) => !isValid).map(({ path }) => path);
  }
}

/** Applies the properties that CreateAccount was called with. Throws InvalidArgumentError if one is invalid. */
function applyProperties(settings: AccountSettings, properties: AccountCreationProperties): AccountSettings {
  const [unknown] = Object.keys(properties.extra ?? {});
  if (unknown !== undefined) throw new InvalidArgumentError(`property ${unknown} is not supported, or of another type`);
  const { automaticPresence, service } = properties;
  return {
    ...settings,
    icon: properties.icon ?? settings.icon,
    nickname: properties.nickname ?? settings.nickname,
    service: service === undefined ? settings.service : validateServiceName(service),
    enabled: properties.enabled ?? settings.enabled,
    connectAutomatically: properties.connectAutomatically ?? settings.connectAutomatically,
    hasBeenOnline: properties.hasBeenOnline ?? settings.hasBeenOnline,
    automaticPresence:
      automaticPresence === undefined ? settings.automaticPresence : validateAutomaticPresence(automaticPresence),
  };
}
