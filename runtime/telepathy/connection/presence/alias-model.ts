import type { MaybePromise } from "@dbus-codegen-ts/runtime";
import { NotAvailableError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import type { AliasHost, AliasProtocol } from "../../protocols/aliases.ts";
import { byHandle, type ContactDirectory } from "./contact-directory.ts";

/** Receiver of changed aliases. */
export interface AliasListener {
  /** @param aliases - The new aliases, by handle. */
  aliasesChanged(aliases: ReadonlyMap<number, string>): void;
}

/** Aliases of the contacts and the user of one connection, independent of D-Bus. */
export class AliasModel implements AliasHost {
  readonly #protocol: AliasProtocol;
  readonly #contacts: ContactDirectory;
  readonly #listeners: AliasListener[] = [];

  constructor(protocol: AliasProtocol, contacts: ContactDirectory) {
    this.#protocol = protocol;
    this.#contacts = contacts;
  }

  addListener(listener: AliasListener): void {
    this.#listeners.push(listener);
  }

  /** Throws DisconnectedError unless the connection is connected. */
  requireConnected(): void {
    this.#contacts.inspect([]);
  }

  /**
   * Returns the alias of each contact, in the order of the handles; the identifier of a contact that has no alias.
   *
   * @throws DisconnectedError before any other check; InvalidHandleError; LimitsExceededError.
   */
  aliases(handles: readonly number[]): readonly string[] {
    return this.#contacts.inspect(handles).map((identifier) => this.aliasOf(identifier));
  }

  /** Returns the alias of a contact; its identifier if it has no alias. */
  aliasOf(identifier: string): string {
    return this.#protocol.alias(identifier) ?? identifier;
  }

  /**
   * Changes the alias of the user.
   *
   * @param aliases - The new alias by the handle of the user.
   * @throws DisconnectedError before any other check; InvalidHandleError; NotAvailableError if the map contains
   * another contact; the errors of the protocol.
   */
  setAliases(aliases: ReadonlyMap<number, string>): MaybePromise<void> {
    this.#contacts.inspect([...aliases.keys()]);
    const alias = aliases.get(this.#contacts.selfHandle);
    if (alias === undefined || aliases.size > 1) throw new NotAvailableError("only the alias of the user can be set");
    return this.#protocol.setOwnAlias(alias);
  }

  aliasesChanged(aliases: ReadonlyMap<string, string>): void {
    if (this.#contacts.phase !== "connected") return;
    const changes = byHandle(this.#contacts, aliases);
    if (changes.size === 0) return;
    for (const listener of this.#listeners) listener.aliasesChanged(changes);
  }
}
