import { ConnectionPresenceType, type Presence } from "@dbus-codegen-ts/stubs/generic-types";
import { InvalidArgumentError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";

export const OFFLINE: Presence = { type: ConnectionPresenceType.Offline, status: "offline", statusMessage: "" };
export const AVAILABLE: Presence = { type: ConnectionPresenceType.Available, status: "available", statusMessage: "" };
/**
 * Value of CurrentPresence of an account whose connection does not support presence (Telepathy specification,
 * Account.CurrentPresence).
 */
export const UNSET: Presence = { type: ConnectionPresenceType.Unset, status: "", statusMessage: "" };

/** Returns whether the value of an account's property is a presence. */
export function isPresence(value: unknown): value is Presence {
  return typeof value === "object" && value !== null && "statusMessage" in value;
}

/** Returns whether an account with this requested presence should be connected. */
export function isOnlinePresence({ type }: Presence): boolean {
  return type !== ConnectionPresenceType.Offline && isRequestablePresenceType(type);
}

/** Returns whether a client can request a presence type: a known type except Unset, Unknown and Error. */
export function isRequestablePresenceType(type: number): boolean {
  return type >= ConnectionPresenceType.Offline && type <= ConnectionPresenceType.Busy;
}

/** Returns the presence if a client can request it. Otherwise throws InvalidArgumentError. */
export function validateRequestedPresence(presence: Presence): Presence {
  if (isRequestablePresenceType(presence.type)) return presence;
  throw new InvalidArgumentError(`presence type ${presence.type} cannot be requested`);
}

/** Returns the presence if a client can request it and it is not Offline. Otherwise throws InvalidArgumentError. */
export function validateAutomaticPresence(presence: Presence): Presence {
  if (validateRequestedPresence(presence).type !== ConnectionPresenceType.Offline) return presence;
  throw new InvalidArgumentError("AutomaticPresence cannot be offline");
}
