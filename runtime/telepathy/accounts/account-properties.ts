import { isDeepStrictEqual } from "node:util";
import { ConnectionPresenceType, type Presence } from "@dbus-codegen-ts/stubs/generic-types";
import type { AccountProperties } from "@dbus-codegen-ts/stubs/im.telepathy1.Account";
import { ConnectionStatus } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { shapedParameters } from "./account-parameters.ts";
import { OFFLINE } from "./account-settings.ts";
import type { AccountState } from "./account-state-machine.ts";

/** Properties that have other values than before. */
export type AccountChanges = { -readonly [Key in keyof AccountProperties]?: AccountProperties[Key] };

/** Presence of a connection that knows no presence. */
const UNSET: Presence = { type: ConnectionPresenceType.Unset, status: "", statusMessage: "" };

const KEYS = [
  "interfaces",
  "displayName",
  "icon",
  "valid",
  "enabled",
  "nickname",
  "service",
  "parameters",
  "automaticPresence",
  "connectAutomatically",
  "connection",
  "connectionStatus",
  "connectionStatusReason",
  "connectionError",
  "connectionErrorDetails",
  "currentPresence",
  "requestedPresence",
  "changingPresence",
  "normalizedName",
  "hasBeenOnline",
] as const satisfies readonly (keyof AccountProperties)[];

/** An account as others see it. */
export function viewOf(state: AccountState): AccountProperties {
  const { settings, link } = state;
  return {
    interfaces: [],
    displayName: settings.displayName,
    icon: settings.icon,
    valid: state.valid,
    enabled: settings.enabled,
    nickname: settings.nickname,
    service: settings.service,
    parameters: shapedParameters(new Map([...settings.parameters, ...settings.secrets])),
    automaticPresence: settings.automaticPresence,
    connectAutomatically: settings.connectAutomatically,
    connection: link.phase === "open" || link.phase === "leaving" ? link.path : "/",
    connectionStatus: state.status,
    connectionStatusReason: state.reason,
    connectionError: state.error,
    connectionErrorDetails: state.details,
    currentPresence: isConnected(state) ? UNSET : OFFLINE,
    requestedPresence: state.requestedPresence,
    changingPresence: isChanging(state),
    normalizedName: settings.normalizedName,
    hasBeenOnline: settings.hasBeenOnline,
  };
}

/** The values of `after` that are not those of `before`. */
export function changesBetween(before: AccountProperties, after: AccountProperties): AccountChanges {
  const changes: AccountChanges = {};
  for (const key of KEYS) {
    if (!isDeepStrictEqual(before[key], after[key])) copyValue(key, after, changes);
  }
  return changes;
}

/** Assigns every value of `from` that is there. */
export function assignValues(from: AccountChanges, to: AccountChanges): void {
  for (const key of KEYS) if (from[key] !== undefined) copyValue(key, from, to);
}

function copyValue<Key extends keyof AccountProperties>(key: Key, from: AccountChanges, to: AccountChanges): void {
  const value = from[key];
  if (value !== undefined) to[key] = value;
}

function isConnected({ link, status }: AccountState): boolean {
  return (link.phase === "open" || link.phase === "leaving") && status === ConnectionStatus.Connected;
}

/** Whether presence is on its way: while an attempt waits, it is not. */
function isChanging(state: AccountState): boolean {
  const { phase } = state.link;
  return phase === "requesting" || phase === "leaving" || (phase === "open" && !isConnected(state));
}
