import type { Variant } from "@dbus-codegen-ts/runtime";
import type { Presence } from "@dbus-codegen-ts/stubs/generic-types";
import { InvalidArgumentError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { isManagerName, isProtocolName } from "../connection/object-names.ts";
import { AVAILABLE } from "./presence.ts";

/** The parts of an account's object path, which identify the account. */
export interface AccountName {
  /** Name of the connection manager. */
  readonly manager: string;
  /** Name of the protocol; it may contain hyphens. */
  readonly protocol: string;
  /** Identifier that the account manager chose: ASCII letters, digits and underscores, not starting with a digit. */
  readonly id: string;
}

/** Connection parameters by their names on the wire. */
export type Parameters = ReadonlyMap<string, Variant>;

/** The persistent part of an account, which a store saves. */
export interface AccountSettings {
  readonly displayName: string;
  /** Name of an icon, or empty. */
  readonly icon: string;
  readonly nickname: string;
  /** Brand of the service that uses the protocol, such as `google-talk`, or empty. */
  readonly service: string;
  /** Canonical paths of accounts that this account has replaced. */
  readonly supersedes: readonly string[];
  readonly enabled: boolean;
  readonly connectAutomatically: boolean;
  /** Requested presence of an account that goes online automatically. */
  readonly automaticPresence: Presence;
  readonly hasBeenOnline: boolean;
  /** The user's normalised identifier; empty until the account was online. */
  readonly normalizedName: string;
  /** Path of the current connection, or of one that may have survived a crash; empty for none. */
  readonly connection: string;
  /** Numeric id of the user that created the account; undefined if it is not known. */
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

/** Maximum length of each part of an account's name: three of them must fit into a file name. */
const MAX_PART_LENGTH = 64;
/** Part of the maximum length that is reserved for a number. */
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

/** Returns whether all parts of a name are valid. Then they contain neither the separators of paths nor of file names. */
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
  if (!isAccountName(name)) throw new InvalidArgumentError("the names of manager and protocol cannot be used");
  return `${ACCOUNT_PREFIX}${name.manager}/${name.protocol.replaceAll("-", "_")}/${name.id}`;
}

/** Truncates an identifier so that a number can be appended. */
export function truncateId(identifier: string): string {
  return identifier.slice(0, MAX_PART_LENGTH - MAX_NUMBER_LENGTH);
}

/** Returns a text if it is a valid value of the property Service, or empty. Throws InvalidArgumentError. */
export function validateServiceName(text: string): string {
  if (text === "" || /^[A-Za-z][A-Za-z0-9-]*$/.test(text)) return text;
  throw new InvalidArgumentError(`${JSON.stringify(text)} is not the name of a service`);
}
