import type { MaybePromise } from "@dbus-codegen-ts/runtime";

/** Aliases of one connection, as the protocol implements them. Identifiers are normalised. */
export interface AliasProtocol {
  /** Returns the alias of a contact; undefined if it has no alias or the alias is not known. */
  alias(identifier: string): string | undefined;

  /**
   * Changes the user's alias. The new alias is reported with `aliasesChanged`.
   *
   * @throws InvalidArgumentError if no user can have the alias; NotAvailableError if it is in use;
   * PermissionDeniedError if the server refuses it; NetworkError if the server does not answer.
   */
  setOwnAlias(alias: string): MaybePromise<void>;
}

/** Receiver of changed aliases. Contacts without a handle are ignored. */
export interface AliasHost {
  /** @param aliases - The new aliases, by normalised identifier. */
  aliasesChanged(aliases: ReadonlyMap<string, string>): void;
}

/** Changes of identifiers on one connection, as the protocol implements them. */
export interface RenamingProtocol {
  /**
   * Changes the user's identifier. The new identifier is reported with `host.selfIdentifierChanged`.
   *
   * @param identifier - Requested identifier; may be invalid or not normalised.
   * @throws The errors of `AliasProtocol.setOwnAlias`.
   */
  requestRename(identifier: string): MaybePromise<void>;
}

/**
 * Receiver of changed identifiers of contacts. The user's identifier is reported with `host.selfIdentifierChanged`
 * instead.
 */
export interface RenamingHost {
  /**
   * Called when a contact has changed its identifier. Contacts without a handle are ignored.
   *
   * @param original - Former normalised identifier of the contact.
   * @param renamed - New normalised identifier of the contact.
   */
  contactRenamed(original: string, renamed: string): void;
}
