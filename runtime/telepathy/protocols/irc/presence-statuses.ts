import { ConnectionPresenceType, type Presence } from "@dbus-codegen-ts/stubs/generic-types";
import type { StatusSpecMap } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Presence1";

const { Available, Away, Offline, Unknown } = ConnectionPresenceType;

/** Statuses that IRC supports. Only `away` has a message. */
export const IRC_STATUSES: StatusSpecMap = {
  available: { type: Available, maySetOnSelf: true, canHaveMessage: false },
  away: { type: Away, maySetOnSelf: true, canHaveMessage: true },
  offline: { type: Offline, maySetOnSelf: false, canHaveMessage: false },
  unknown: { type: Unknown, maySetOnSelf: false, canHaveMessage: false },
};

export const IRC_AVAILABLE: Presence = { type: Available, status: "available", statusMessage: "" };
export const IRC_OFFLINE: Presence = { type: Offline, status: "offline", statusMessage: "" };
export const IRC_UNKNOWN: Presence = { type: Unknown, status: "unknown", statusMessage: "" };

/** Returns the presence of a user that is away. */
export function ircAway(statusMessage: string): Presence {
  return { type: Away, status: "away", statusMessage };
}
