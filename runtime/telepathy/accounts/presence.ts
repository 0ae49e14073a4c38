import { ConnectionPresenceType, type Presence } from "@dbus-codegen-ts/stubs/generic-types";
import { InvalidArgumentError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";

export const OFFLINE: Presence = { type: ConnectionPresenceType.Offline, status: "offline", statusMessage: "" };
export const AVAILABLE: Presence = { type: ConnectionPresenceType.Available, status: "available", statusMessage: "" };
/** Presence of a connection without presence support (Telepathy specification, Account.CurrentPresence). */
export const UNSET: Presence = { type: ConnectionPresenceType.Unset, status: "", statusMessage: "" };

/** Returns whether the value of an account's property is a presence. */
export function isPresence(value: unknown): value is Presence {
  return typeof value === "object" && value !== null && "statusMessage" in value;
}

/** Returns whether an account with this requested presence should be connected. */
export function isOnlinePresence({ type }: Presence): boolean {
  return type !== ConnectionPresenceType.Offline && isRequestablePresenceType(type);
}

/** Returns whether a presence type can be requested: a known type except Unset, Unknown and Error. */
export function isRequestablePresenceType(type: number): boolean {
  return type >= ConnectionPresenceType.Offline && type <= ConnectionPresenceType.Busy;
}

/** Returns a presence if it can be requested; otherwise throws InvalidArgumentError. */
export function validateRequestedPresence(presence: Presence): Presence {
  if (isRequestablePresenceType(presence.type)) return presence;
  throw new InvalidArgumentError(`presence type ${presence.type} cannot be requested`);
}

/** Returns a presence if it can be requested and is not Offline; otherwise throws InvalidArgumentError. */
export function validateAutomaticPresence(presence: Presence): Presence {
  if (validateRequestedPresence(presence).type !== ConnectionPresenceType.Offline) return presence;
  throw new InvalidArgumentError("the automatic presence cannot be offline");
}
