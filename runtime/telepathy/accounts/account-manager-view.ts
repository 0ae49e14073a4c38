import type { Incoming, ObjectPath } from "@dbus-codegen-ts/runtime";
import {
  AccountManager,
  type AccountManagerProperties,
  type AccountManagerService,
  type AccountManagerSignals,
} from "@dbus-codegen-ts/stubs/im.telepathy1.AccountManager";
import type { ConnectionParameters } from "@dbus-codegen-ts/stubs/im.telepathy1.ConnectionManager";
import {
  type AccountCreationProperties,
  AccountManager as AccountManager0,
  type AccountManagerService as AccountManagerService0,
} from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.AccountManager";
import {
  AccountManager as AccountManager2013,
  type AccountManagerProperties as AccountManagerProperties2013,
  type AccountManagerService as AccountManagerService2013,
  type AccountManagerSignals as AccountManagerSignals2013,
} from "@dbus-codegen-ts/stubs/telepathy-1-2013/im.telepathy1.AccountManager";
import { pathIn } from "../connection/object-names.ts";
import type { ContractsByDialect, Dialect } from "../dialects/dialect.ts";
import { DialectService, type HandlersOf } from "../service/dialect-service.ts";

/** Contracts of the interface AccountManager, by dialect. */
const CONTRACTS: ContractsByDialect = {
  "telepathy-1-2012": AccountManager,
  "telepathy-1-2013": AccountManager2013,
  "telepathy-0": AccountManager0,
};

/**
 * Creates an account; takes the arguments of the D-Bus method CreateAccount. Resolves with the object path under
 * the canonical root.
 */
export type CreateAccount = (...args: Parameters<AccountManagerService0["createAccount"]>) => Promise<ObjectPath>;

/** Service for the interface AccountManager in one dialect. */
export class AccountManagerView
  extends DialectService<
    AccountManagerProperties & AccountManagerProperties2013,
    AccountManagerSignals & AccountManagerSignals2013
  >
  implements
    HandlersOf<AccountManagerService>,
    HandlersOf<AccountManagerService2013>,
    HandlersOf<AccountManagerService0>
{
  readonly #createAccount: CreateAccount;

  constructor(dialect: Dialect, createAccount: CreateAccount) {
    const creationProperties = CONTRACTS[dialect.name].methods?.["createAccount"]?.in.at(-1)?.as?.();
    const entries = creationProperties?.kind === "dictionary" ? creationProperties.entries : {};
    super(dialect, CONTRACTS, {
      interfaces: [],
      validAccounts: [],
      invalidAccounts: [],
      usableAccounts: [],
      unusableAccounts: [],
      supportedAccountProperties: Object.values(entries).map(({ key }) => key),
    });
    this.#createAccount = createAccount;
  }

  async createAccount(
    manager: string,
    protocol: string,
    displayName: string,
    parameters: ConnectionParameters,
    properties: AccountCreationProperties,
    incoming: Incoming,
  ): Promise<ObjectPath> {
    return this.#path(await this.#createAccount(manager, protocol, displayName, parameters, properties, incoming));
  }

  /**
   * Sets the D-Bus properties that list accounts.
   *
   * @param valid - Canonical paths of the accounts that can be used.
   * @param invalid - Canonical paths of the other accounts.
   */
  setAccounts(valid: readonly ObjectPath[], invalid: readonly ObjectPath[]): void {
    const validAccounts = valid.map((path) => this.#path(path));
    const invalidAccounts = invalid.map((path) => this.#path(path));
    this.assign({ validAccounts, invalidAccounts, usableAccounts: validAccounts, unusableAccounts: invalidAccounts });
  }

  accountRemoved(path: ObjectPath): void {
    this.emit("accountRemoved", this.#path(path));
  }

  validityChanged(path: ObjectPath, isValid: boolean): void {
    this.emit("accountValidityChanged", this.#path(path), isValid);
    this.emit("accountUsabilityChanged", this.#path(path), isValid);
  }

  #path(path: ObjectPath): ObjectPath {
    return pathIn(this.dialect.root, path);
  }
}
