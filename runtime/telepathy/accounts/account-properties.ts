import { isDeepStrictEqual } from "node:util";
import type { AccountProperties as AccountProperties2012 } from "@dbus-codegen-ts/stubs/im.telepathy1.Account";
import { ConnectionStatus } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import type { AccountProperties as AccountProperties0 } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Account";
import { toConnectionParameters } from "./account-parameters.ts";
import type { AccountSettings } from "./account-settings.ts";
import type { AccountState } from "./account-state-machine.ts";
import { OFFLINE, UNSET } from "./presence.ts";

/** Properties of an account in the dialects `telepathy-1-2012` and `telepathy-0`, with canonical names and paths. */
export type AccountProperties = AccountProperties2012 & Pick<AccountProperties0, "supersedes">;

/** D-Bus properties that changed, with their new values. */
export type ChangedProperties = { -readonly [Key in keyof AccountProperties]?: AccountProperties[Key] };

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
  "supersedes",
] as const satisfies readonly (keyof AccountProperties)[];

/**
 * Returns the D-Bus properties of an account. The property Parameters contains secrets and must not be part of a
 * signal.
 */
export function accountProperties(state: AccountState): AccountProperties {
  const { settings, connection } = state;
  return {
    interfaces: [],
    displayName: settings.displayName,
    icon: settings.icon,
    valid: state.isValid,
    enabled: settings.enabled,
    nickname: settings.nickname,
    service: settings.service,
    parameters: toConnectionParameters(new Map([...settings.parameters, ...settings.secrets])),
    automaticPresence: settings.automaticPresence,
    connectAutomatically: settings.connectAutomatically,
    connection: connection.phase === "open" || connection.phase === "disconnecting" ? connection.path : "/",
    connectionStatus: state.status,
    connectionStatusReason: state.reason,
    connectionError: state.errorName,
    connectionErrorDetails: state.errorDetails,
    currentPresence: isConnected(state) ? (state.reportedPresence ?? UNSET) : OFFLINE,
    requestedPresence: state.requestedPresence,
    changingPresence: isChangingPresence(state),
    normalizedName: settings.normalizedName,
    hasBeenOnline: settings.hasBeenOnline,
    supersedes: settings.supersedes,
  };
}

/** Returns the properties of `after` whose values differ from those of `before`. */
export function changedProperties(before: AccountProperties, after: AccountProperties): ChangedProperties {
  const changes: ChangedProperties = {};
  for (const key of KEYS) {
    if (!isDeepStrictEqual(before[key], after[key])) copyProperty(key, after, changes);
  }
  return changes;
}

/** Returns changed properties for the signal AccountPropertyChanged: without the secrets in the property Parameters. */
export function withoutSecrets(changes: ChangedProperties, { parameters }: AccountSettings): ChangedProperties {
  return changes.parameters === undefined ? changes : { ...changes, parameters: toConnectionParameters(parameters) };
}

function copyProperty<Key extends keyof AccountProperties>(
  key: Key,
  from: ChangedProperties,
  to: ChangedProperties,
): void {
  const value = from[key];
  if (value !== undefined) to[key] = value;
}

function isConnected({ connection, status }: AccountState): boolean {
  const exists = connection.phase === "open" || connection.phase === "disconnecting";
  return exists && status === ConnectionStatus.Connected;
}

/**
 * Returns the value of the property ChangingPresence: whether the account is connecting or disconnecting. It is
 * false while the account waits to retry.
 */
function isChangingPresence(state: AccountState): boolean {
  const { phase } = state.connection;
  return phase === "requesting" || phase === "disconnecting" || (phase === "open" && !isConnected(state));
}
