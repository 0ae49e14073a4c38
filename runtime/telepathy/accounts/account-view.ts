import { Account, type AccountService } from "@dbus-codegen-ts/stubs/im.telepathy1.Account";
import type { ConnectionParameters } from "@dbus-codegen-ts/stubs/im.telepathy1.ConnectionManager";
import {
  Account as Account0,
  type AccountService as AccountService0,
} from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Account";
import {
  Account as Account2013,
  type AccountProperties as AccountProperties2013,
  type AccountService as AccountService2013,
} from "@dbus-codegen-ts/stubs/telepathy-1-2013/im.telepathy1.Account";
import { pathIn } from "../connection/object-names.ts";
import { type ContractsByDialect, type Dialect, nameIn, type Root } from "../dialects/dialect.ts";
import { DialectService, type HandlersOf, withErrorNames } from "../service/dialect-service.ts";
import type { AccountProperties, ChangedProperties } from "./account-properties.ts";
import type { AccountPropertyValue } from "./writable-properties.ts";

/** Contracts of the interface Account, by dialect. */
const CONTRACTS: ContractsByDialect = {
  "telepathy-1-2012": Account,
  "telepathy-1-2013": Account2013,
  "telepathy-0": Account0,
};

/** Operations on an account that clients of any view may request. */
export interface AccountControl {
  remove(): Promise<void>;
  reconnect(): void;
  updateParameters(set: ConnectionParameters, unset: readonly string[]): Promise<readonly string[]>;
  setProperty(key: keyof AccountProperties, value: AccountPropertyValue): Promise<void>;
  /**
   * Returns the path of the account's connection under a root; `/` if the connection does not exist under this
   * root.
   */
  connectionPathIn(root: Root, path: string): string;
}

/** Properties of all dialects, with canonical names. */
type Properties = AccountProperties & AccountProperties2013;

interface Signals {
  removed: [];
  accountPropertyChanged: [properties: Partial<Properties>];
}

/** Service for the interface Account in one dialect. */
export class AccountView
  extends DialectService<Properties, Signals>
  implements HandlersOf<AccountService>, HandlersOf<AccountService2013>, HandlersOf<AccountService0>
{
  readonly #account: AccountControl;

  constructor(dialect: Dialect, account: AccountControl, properties: AccountProperties) {
    const supersedes = properties.supersedes.map((path) => pathIn(dialect.root, path));
    super(dialect, CONTRACTS, { ...properties, usable: properties.valid, supersedes });
    this.#account = account;
  }

  remove() {
    return this.#account.remove();
  }

  reconnect() {
    this.#account.reconnect();
  }

  updateParameters(set: ConnectionParameters, unset: readonly string[]) {
    return this.#account.updateParameters(set, unset);
  }

  /**
   * Sets changed properties and emits AccountPropertyChanged.
   *
   * @param announced - The changed properties without secrets, for the signal.
   */
  propertiesChanged(changes: ChangedProperties, announced: ChangedProperties): void {
    this.assign(this.#named(changes));
    const named = this.#named(announced);
    if (Object.keys(named).length > 0) this.emit("accountPropertyChanged", named);
  }

  removed(): void {
    this.emit("removed");
  }

  protected override async $beforeSet(key: keyof Properties, value: Properties[keyof Properties]): Promise<void> {
    await withErrorNames(this.dialect.root, () => this.#account.setProperty(key === "usable" ? "valid" : key, value));
  }

  /** Returns changed properties with the names, paths and error names of this dialect. */
  #named({ valid, connection, connectionError, supersedes, ...others }: ChangedProperties): Partial<Properties> {
    const { root } = this.dialect;
    return {
      ...others,
      ...(valid !== undefined && (this.hasProperty("usable") ? { usable: valid } : { valid })),
      ...(supersedes !== undefined &&
        this.hasProperty("supersedes") && { supersedes: supersedes.map((path) => pathIn(root, path)) }),
      ...(connection !== undefined && { connection: this.#account.connectionPathIn(root, connection) }),
      ...(connectionError !== undefined && { connectionError: nameIn(root, connectionError) }),
    };
  }
}
