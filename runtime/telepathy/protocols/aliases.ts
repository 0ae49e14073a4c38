import type { MaybePromise } from "@dbus-codegen-ts/runtime";

/** Aliases on one connection: the protocol's side. Identifiers are normalised. */
export interface AliasProtocol {
  /** Returns the alias of a contact; undefined if it has none or it is not known. */
  alias(identifier: string): string | undefined;

  /**
   * Changes the user's alias. The result is reported with `aliasesChanged`.
   *
   * @throws InvalidArgumentError if no user can have the alias; NotAvailableError if it is in use; PermissionDeniedError
   * if the server refuses it; NetworkError if the server does not answer.
   */
  setOwnAlias(alias: string): MaybePromise<void>;
}

/** Receiver of changed aliases. It ignores contacts that no client knows. */
export interface AliasHost {
  /** @param aliases - The new aliases, by normalised identifier. */
  aliasesChanged(aliases: ReadonlyMap<string, string>): void;
}

/** Changes of identifiers on one connection: the protocol's side. */
export interface RenamingProtocol {
  /**
   * Changes the user's identifier. The result is reported with `host.selfIdentifierChanged`.
   *
   * @param identifier - It need not be normalised or valid.
   * @throws The errors of `AliasProtocol.setOwnAlias`.
   */
  requestRename(identifier: string): MaybePromise<void>;
}

/** Receiver of changed identifiers of contacts. That of the user is reported with `host.selfIdentifierChanged`. */
export interface RenamingHost {
  /**
   * Ignored if no client knows the contact.
   *
   * @param original - Normalised identifier that the contact had.
   * @param renamed - Normalised identifier that the contact has.
   */
  contactRenamed(original: string, renamed: string): void;
}
