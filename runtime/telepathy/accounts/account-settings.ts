import type { Variant } from "@dbus-codegen-ts/runtime";
import type { Presence } from "@dbus-codegen-ts/stubs/generic-types";
import { InvalidArgumentError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { isManagerName, isProtocolName } from "../connection/object-names.ts";
import { AVAILABLE } from "./presence.ts";

/** Name of an account: the parts of its object path. */
export interface AccountName {
  /** Name of the connection manager. */
  readonly manager: string;
  /** Name of the protocol; it may contain hyphens. */
  readonly protocol: string;
  /** Identifier that the account manager chose: ASCII letters, digits and underscores, not starting with a digit. */
  readonly id: string;
}

/** Connection parameters, by their names in the D-Bus API. */
export type Parameters = ReadonlyMap<string, Variant>;

/** The persistent part of an account, which a store saves. */
export interface AccountSettings {
  readonly displayName: string;
  /** Name of an icon; empty if not set. */
  readonly icon: string;
  readonly nickname: string;
  /** Name of the brand or operator of the service, such as `google-talk`; empty if not set. */
  readonly service: string;
  /** Canonical paths of accounts that this account has replaced. */
  readonly supersedes: readonly string[];
  readonly enabled: boolean;
  readonly connectAutomatically: boolean;
  /** Presence that is requested when the account goes online automatically. */
  readonly automaticPresence: Presence;
  readonly hasBeenOnline: boolean;
  /** Normalised identifier of the user on the server; empty if the account has never been online. */
  readonly normalizedName: string;
  /**
   * Object path of the current connection, or of a connection that may have survived a crash; empty if there is
   * neither.
   */
  readonly connection: string;
  /** Unix user id of the client that created the account; undefined if it is not known. */
  readonly creatorUid?: number | undefined;
  /** Parameters that are not secret. */
  readonly parameters: Parameters;
  /** Parameters that the protocol declares secret, such as a password. */
  readonly secrets: Parameters;
  /** Names of stored secrets that could not be read yet, because the Secret Service is locked or not running. */
  readonly unreadSecrets: readonly string[];
}

/** An account as a store saves it. */
export interface StoredAccount {
  readonly name: AccountName;
  readonly settings: AccountSettings;
}

const ACCOUNT_PREFIX = "/im/telepathy1/Account/";

/** Maximum number of characters of each part of an account's name: a file name contains all three. */
const MAX_PART_LENGTH = 64;
/** Number of characters of an account's identifier that are reserved for a number. */
const MAX_NUMBER_LENGTH = 8;

/** Returns the settings of a new account, which is disabled. */
export function newAccountSettings(displayName: string, parameters: Parameters, secrets: Parameters): AccountSettings {
  return {
    displayName,
    icon: "",
    nickname: "",
    service: "",
    supersedes: [],
    enabled: false,
    connectAutomatically: false,
    automaticPresence: AVAILABLE,
    hasBeenOnline: false,
    normalizedName: "",
    connection: "",
    parameters,
    secrets,
    unreadSecrets: [],
  };
}

/**
 * Returns whether all parts of a name are valid. Valid parts contain neither `/` nor `.`, which separate the parts
 * in object paths and file names.
 */
export function isAccountName({ manager, protocol, id }: AccountName): boolean {
  return (
    [manager, protocol, id].every((part) => part.length <= MAX_PART_LENGTH) &&
    isManagerName(manager) &&
    isProtocolName(protocol) &&
    /^[A-Za-z_][A-Za-z0-9_]*$/.test(id)
  );
}

/**
 * Returns the object path of an account.
 *
 * @throws InvalidArgumentError if the name is invalid.
 */
export function accountPath(name: AccountName): string {
  if (!isAccountName(name))
    throw new InvalidArgumentError("invalid name of an account: connection manager, protocol or identifier");
  return `${ACCOUNT_PREFIX}${name.manager}/${name.protocol.replaceAll("-", "_")}/${name.id}`;
}

/** Truncates the identifier of an account so that a number can be appended. */
export function truncateId(identifier: string): string {
  return identifier.slice(0, MAX_PART_LENGTH - MAX_NUMBER_LENGTH);
}

/** Returns the text if it is empty or a valid value of the property Service. Otherwise throws InvalidArgumentError. */
export function validateServiceName(text: string): string {
  if (text === "" || /^[A-Za-z][A-Za-z0-9-]*$/.test(text)) return text;
  throw new InvalidArgumentError(`${JSON.stringify(text)} is not a valid value of Service`);
}
