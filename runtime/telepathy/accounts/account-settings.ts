import type { Variant } from "@dbus-codegen-ts/runtime";
import { ConnectionPresenceType, type Presence } from "@dbus-codegen-ts/stubs/generic-types";
import { InvalidArgumentError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { isManagerName, isProtocolName } from "../connection/object-names.ts";

/** What tells an account from all others: the parts of its object path. */
export interface AccountName {
  /** Name of the connection manager. */
  readonly manager: string;
  /** Name of the protocol, with hyphens where it has them. */
  readonly protocol: string;
  /** An identifier that the account manager chose: ASCII letters, digits and underscores, not beginning with a digit. */
  readonly id: string;
}

/** Connection parameters by their names on the wire. */
export type Parameters = ReadonlyMap<string, Variant>;

/** What is known of an account while nobody runs it: what a store keeps. */
export interface AccountSettings {
  readonly displayName: string;
  /** Name of an icon, or empty. */
  readonly icon: string;
  readonly nickname: string;
  /** Brand of the service behind the protocol, or empty. */
  readonly service: string;
  readonly enabled: boolean;
  readonly connectAutomatically: boolean;
  /** Presence to take when going online without one being named. */
  readonly automaticPresence: Presence;
  readonly hasBeenOnline: boolean;
  /** The user's own identifier in normal form; empty until the account was online. */
  readonly normalizedName: string;
  /** Path of the connection there is, or may still be after a crash; empty for none. */
  readonly connection: string;
  /** Parameters that anybody may see. */
  readonly parameters: Parameters;
  /** Parameters that the protocol calls secret, such as a password. */
  readonly secrets: Parameters;
}

/** An account as a store keeps it. */
export interface StoredAccount {
  readonly name: AccountName;
  readonly settings: AccountSettings;
}

/** What object paths of accounts begin with. */
const ACCOUNT_PREFIX = "/im/telepathy1/Account/";

/** The longest part of a name that is taken: three of them still make a file name. */
const MAX_PART = 64;

export const OFFLINE: Presence = { type: ConnectionPresenceType.Offline, status: "offline", statusMessage: "" };
export const AVAILABLE: Presence = { type: ConnectionPresenceType.Available, status: "available", statusMessage: "" };

/** An account that nothing is known about but its name for people and its parameters. It is not enabled. */
export function newSettings(displayName: string, parameters: Parameters, secrets: Parameters): AccountSettings {
  return {
    displayName,
    icon: "",
    nickname: "",
    service: "",
    enabled: false,
    connectAutomatically: false,
    automaticPresence: AVAILABLE,
    hasBeenOnline: false,
    normalizedName: "",
    connection: "",
    parameters,
    secrets,
  };
}

/** Whether the parts can name an account: no part can be mistaken for another, or leave a folder. */
export function isAccountName({ manager, protocol, id }: AccountName): boolean {
  const parts = [manager, protocol, id];
  return (
    parts.every((part) => part.length <= MAX_PART) &&
    isManagerName(manager) &&
    isProtocolName(protocol) &&
    /^[A-Za-z_][A-Za-z0-9_]*$/.test(id)
  );
}

/**
 * The object path of an account.
 *
 * @throws InvalidArgumentError when the parts cannot name one.
 */
export function pathOfAccount(name: AccountName): string {
  if (!isAccountName(name)) throw new InvalidArgumentError("the names of manager and protocol cannot be used");
  return `${ACCOUNT_PREFIX}${name.manager}/${name.protocol.replaceAll("-", "_")}/${name.id}`;
}

/** The beginning of an identifier that leaves room to make it unique. */
export function shortId(identifier: string): string {
  return identifier.slice(0, MAX_PART - 8);
}

/** Whether a presence means being connected. */
export function isOnline({ type }: Presence): boolean {
  return type !== ConnectionPresenceType.Offline && isRequestable(type);
}

/** Whether a presence can be asked for: neither Unset, Unknown nor Error, nor a type that is not known. */
export function isRequestable(type: number): boolean {
  return type >= ConnectionPresenceType.Offline && type <= ConnectionPresenceType.Busy;
}
