import { isDeepStrictEqual } from "node:util";
import type { Presence } from "@dbus-codegen-ts/stubs/generic-types";
import {
  type ConnectionErrorDetails,
  ConnectionStatus,
  ConnectionStatusReason,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import {
  AlreadyConnectedError,
  InvalidArgumentError,
  NotImplementedError,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { errorForReason } from "../connection/disconnect-reasons.ts";
import type { ConnectionFailure } from "../protocols/protocol.ts";
import type { AccountSettings } from "./account-settings.ts";
import { isOnlinePresence, OFFLINE } from "./presence.ts";

/** Progress of the account's connection. Each attempt to connect has its own number. */
export type AccountConnection =
  /** No connection exists, and no attempt is scheduled. */
  | { readonly phase: "none" }
  /**
   * RequestConnection was called and has not returned. If `isAbandoned`, the connection is disconnected as soon as
   * it exists.
   */
  | { readonly phase: "requesting"; readonly attempt: number; readonly isAbandoned: boolean }
  /** The connection exists. Its status may still be Connecting. */
  | { readonly phase: "open"; readonly attempt: number; readonly path: string }
  /** Disconnect was called; the connection has not left the bus yet. */
  | { readonly phase: "disconnecting"; readonly attempt: number; readonly path: string }
  /** No connection exists. A timer starts the next attempt to connect. */
  | { readonly phase: "waitingToRetry" };

/** Complete state of an account: its settings and its connection. */
export interface AccountState {
  readonly settings: AccountSettings;
  /** Whether the parameters match the declarations of the connection manager. */
  readonly isValid: boolean;
  readonly requestedPresence: Presence;
  readonly connection: AccountConnection;
  readonly status: ConnectionStatus;
  readonly reason: ConnectionStatusReason;
  /** Name of the error that ended the last connection; empty if there was no error. */
  readonly errorName: string;
  readonly errorDetails: ConnectionErrorDetails;
  /** Presence that the connection reported last; undefined if it has not reported any. */
  readonly reportedPresence: Presence | undefined;
  /** Number of the last attempt. */
  readonly attempt: number;
  /** Number of consecutive failed attempts. */
  readonly failures: number;
  /** Whether the account is reconnecting after it lost an established connection. */
  readonly isReplacingLost: boolean;
  /**
   * Whether the account does not retry, because another attempt would fail until the user or the settings change
   * something.
   */
  readonly isBlocked: boolean;
  /** Whether the account is removed, or the account manager has ended. */
  readonly isClosed: boolean;
}

/** Name and details of the error that ended a connection; both are required. */
export type AccountConnectionFailure = Required<ConnectionFailure>;

/** An event that may change the state of an account. */
export type AccountEvent =
  | { readonly kind: "settingsChanged"; readonly changes: Partial<AccountSettings> }
  | { readonly kind: "presenceRequested"; readonly presence: Presence }
  | { readonly kind: "validityChecked"; readonly isValid: boolean }
  /** A client requested a channel of the account, which requires a connection. */
  | { readonly kind: "channelRequested" }
  | { readonly kind: "reconnectRequested" }
  | { readonly kind: "retryDue" }
  /** The account is removed, or the account manager ends. */
  | { readonly kind: "closed" }
  /** RequestConnection has returned. */
  | { readonly kind: "connectionCreated"; readonly attempt: number; readonly path: string }
  | {
      readonly kind: "statusChanged";
      readonly attempt: number;
      readonly status: ConnectionStatus;
      readonly reason: ConnectionStatusReason;
      readonly failure?: AccountConnectionFailure;
    }
  /** The connection manager replied with an error, or the connection vanished without StatusChanged. */
  | {
      readonly kind: "connectionFailed";
      readonly attempt: number;
      readonly reason: ConnectionStatusReason;
      readonly failure: AccountConnectionFailure;
    }
  | { readonly kind: "presenceReported"; readonly attempt: number; readonly presence: Presence }
  /** The connection has left the bus after Disconnect. */
  | { readonly kind: "connectionGone"; readonly attempt: number }
  | { readonly kind: "selfIdentified"; readonly attempt: number; readonly identifier: string };

/** An action that follows from a change of the state. */
export type AccountEffect =
  /** Request a connection with the stored parameters, and connect it. */
  | { readonly kind: "requestConnection"; readonly attempt: number }
  | { readonly kind: "disconnect"; readonly attempt: number }
  /** Set the requested presence on the connection, if the connection supports presence. */
  | { readonly kind: "setPresence"; readonly presence: Presence }
  /** Set the nickname as the user's alias on the connection, if the connection supports aliases. */
  | { readonly kind: "setAlias"; readonly alias: string }
  /** Dispatch `retryDue` after a delay that depends on the number of failures. */
  | { readonly kind: "scheduleRetry"; readonly failures: number }
  | { readonly kind: "cancelRetry" }
  | { readonly kind: "saveSettings" };

/**
 * Returns the initial state of an account that was just loaded or created. The account is invalid until the event
 * `validityChecked`.
 */
export function initialState(settings: AccountSettings): AccountState {
  return {
    settings,
    isValid: false,
    requestedPresence: OFFLINE,
    connection: { phase: "none" },
    status: ConnectionStatus.Disconnected,
    reason: ConnectionStatusReason.NoneSpecified,
    errorName: "",
    errorDetails: {},
    reportedPresence: undefined,
    attempt: 0,
    failures: 0,
    isReplacingLost: false,
    isBlocked: false,
    isClosed: false,
  };
}

/** Returns the state after an event, and the actions to perform. Has no side effects. */
export function transition(
  before: AccountState,
  event: AccountEvent,
): { readonly state: AccountState; readonly effects: readonly AccountEffect[] } {
  const state = reconcileConnection(applyEvent(before, event));
  return { state, effects: effectsBetween(before, state) };
}

/** Returns whether an account should have a connection now. */
export function shouldBeOnline({ settings, isValid, requestedPresence, isBlocked, isClosed }: AccountState): boolean {
  return settings.enabled && isValid && isOnlinePresence(requestedPresence) && !isBlocked && !isClosed;
}

function applyEvent(state: AccountState, event: AccountEvent): AccountState {
  switch (event.kind) {
    case "settingsChanged":
      return changeSettings(state, event.changes);
    case "presenceRequested":
      return clearFailures(requestPresence(state, event.presence));
    case "validityChecked":
      if (event.isValid === state.isValid) return state;
      return connectAutomatically({ ...state, isValid: event.isValid, isBlocked: false });
    case "channelRequested":
      return isUsable(state) ? clearFailures(requestAutomaticPresence(state)) : state;
    case "reconnectRequested":
      return isUsable(state) && isOnlinePresence(state.requestedPresence)
        ? abandonConnection(clearFailures(state))
        : state;
    case "retryDue":
      return state.connection.phase === "waitingToRetry" ? { ...state, connection: { phase: "none" } } : state;
    case "closed":
      return { ...state, isClosed: true };
    default:
      return applyConnectionEvent(state, event);
  }
}

type ConnectionEvent = Extract<AccountEvent, { readonly attempt: number }>;

/** Applies an event of the current attempt; ignores events of earlier attempts. */
function applyConnectionEvent(state: AccountState, event: ConnectionEvent): AccountState {
  const { connection } = state;
  if (connection.phase === "none" || connection.phase === "waitingToRetry") return state;
  if (connection.attempt !== event.attempt) return state;
  switch (event.kind) {
    case "connectionCreated":
      return recordConnection(state, event.path);
    case "statusChanged":
      return connection.phase === "open" ? mirrorStatus(state, event) : state;
    case "connectionFailed":
      return connection.phase === "open" || (connection.phase === "requesting" && !connection.isAbandoned)
        ? recordFailure(state, event.reason, event.failure)
        : recordDisconnected(state);
    case "connectionGone":
      return recordDisconnected(state);
    case "presenceReported":
      return { ...state, reportedPresence: event.presence };
    case "selfIdentified":
      return changeSettings(state, { normalizedName: event.identifier });
  }
}

function changeSettings(state: AccountState, changes: Partial<AccountSettings>): AccountState {
  const changed = { ...state.settings, ...changes };
  const settings = isDeepStrictEqual(state.settings, changed) ? state.settings : changed;
  const mayConnect = changes.enabled === true || changes.connectAutomatically === true;
  // A changed parameter may remove the cause of the last failure.
  const isUnblocked = mayConnect || changes.parameters !== undefined || changes.secrets !== undefined;
  const next = { ...state, settings, isBlocked: state.isBlocked && !isUnblocked };
  return mayConnect ? connectAutomatically(next) : next;
}

function recordConnection(state: AccountState, path: string): AccountState {
  const { connection } = state;
  if (connection.phase !== "requesting") return state;
  const { attempt } = connection;
  const settings = { ...state.settings, connection: path };
  const phase = connection.isAbandoned ? "disconnecting" : "open";
  return { ...state, settings, connection: { phase, attempt, path } };
}

function mirrorStatus(state: AccountState, event: Extract<AccountEvent, { kind: "statusChanged" }>): AccountState {
  const { status, reason } = event;
  if (status === ConnectionStatus.Disconnected) {
    const { errorName } = errorForReason(reason, { wasConnected: state.status === ConnectionStatus.Connected });
    return recordFailure(forgetConnection(state), reason, event.failure ?? { name: errorName, details: {} });
  }
  if (status !== ConnectionStatus.Connected) return { ...state, status, reason };
  const settings = state.settings.hasBeenOnline ? state.settings : { ...state.settings, hasBeenOnline: true };
  return { ...state, settings, status, reason, errorName: "", errorDetails: {}, failures: 0, isReplacingLost: false };
}

/** Records the end of a connection that the account did not disconnect. */
function recordFailure(
  state: AccountState,
  reason: ConnectionStatusReason,
  { name, details }: AccountConnectionFailure,
): AccountState {
  const connection: AccountConnection = { phase: "none" };
  const status = ConnectionStatus.Disconnected;
  // A client has called Disconnect on the connection. This is treated as a request for the presence Offline.
  if (reason === ConnectionStatusReason.Requested) {
    const requestedPresence = OFFLINE;
    return { ...stopReplacing(state), connection, status, reason, errorName: "", errorDetails: {}, requestedPresence };
  }
  const failed = { ...state, status, reason, errorName: name, errorDetails: details, failures: state.failures + 1 };
  const isReplacingLost = state.isReplacingLost || state.status === ConnectionStatus.Connected;
  // The server may not have noticed the loss of the former connection yet.
  const isGhost = isReplacingLost && name === AlreadyConnectedError.errorName;
  if (!isTemporary(reason, name) && !isGhost) return { ...stopReplacing(failed), connection, isBlocked: true };
  return { ...failed, isReplacingLost, connection: { phase: "waitingToRetry" }, status: ConnectionStatus.Connecting };
}

/** Records the end of a connection that the account has disconnected. */
function recordDisconnected(state: AccountState): AccountState {
  const reason = ConnectionStatusReason.Requested;
  const status = ConnectionStatus.Disconnected;
  const connection: AccountConnection = { phase: "none" };
  return { ...stopReplacing(forgetConnection(state)), connection, status, reason, errorName: "", errorDetails: {} };
}

/** Cancels the next attempt to connect. The error of the last connection remains. */
function stopRetrying(state: AccountState): AccountState {
  const reason = ConnectionStatusReason.Requested;
  const connection = { phase: "none" } as const;
  return { ...stopReplacing(state), connection, status: ConnectionStatus.Disconnected, reason };
}

function stopReplacing(state: AccountState): AccountState {
  return { ...state, isReplacingLost: false };
}

/** Clears the stored path of the connection, which no longer exists. */
function forgetConnection(state: AccountState): AccountState {
  return changeSettings(state, { connection: "" });
}

/** Requests or ends the connection, depending on whether the account should be online. */
function reconcileConnection(state: AccountState): AccountState {
  const { phase } = state.connection;
  if (shouldBeOnline(state)) return phase === "none" ? requestConnection(state) : state;
  return phase === "waitingToRetry" ? stopRetrying(state) : abandonConnection(state);
}

function requestConnection(state: AccountState): AccountState {
  const attempt = state.attempt + 1;
  const reason = ConnectionStatusReason.Requested;
  const connection: AccountConnection = { phase: "requesting", attempt, isAbandoned: false };
  const status = ConnectionStatus.Connecting;
  return { ...state, connection, attempt, status, reason, reportedPresence: undefined };
}

/** Ends the current connection or attempt, if one exists. */
function abandonConnection(state: AccountState): AccountState {
  const { connection } = state;
  if (connection.phase === "requesting" && !connection.isAbandoned) {
    return { ...state, connection: { ...connection, isAbandoned: true } };
  }
  return connection.phase === "open" ? { ...state, connection: { ...connection, phase: "disconnecting" } } : state;
}

/** Clears earlier failures, so that the next attempt of an account that should be online starts immediately. */
function clearFailures(before: AccountState): AccountState {
  const state = { ...before, failures: 0, isBlocked: false };
  const isRetryDue = state.connection.phase === "waitingToRetry" && shouldBeOnline(state);
  return isRetryDue ? { ...state, connection: { phase: "none" } } : state;
}

/** Requests the automatic presence if the account is usable and connects automatically. */
function connectAutomatically(state: AccountState): AccountState {
  return isUsable(state) && state.settings.connectAutomatically ? requestAutomaticPresence(state) : state;
}

function requestPresence(state: AccountState, requestedPresence: Presence): AccountState {
  const next = { ...state, requestedPresence };
  return isOnlinePresence(requestedPresence) ? next : stopReplacing(next);
}

function requestAutomaticPresence(state: AccountState): AccountState {
  if (isOnlinePresence(state.requestedPresence)) return state;
  return { ...state, requestedPresence: state.settings.automaticPresence };
}

function isUsable({ settings, isValid, isClosed }: AccountState): boolean {
  return settings.enabled && isValid && !isClosed;
}

/**
 * Returns whether another attempt to connect may succeed without a change of the account, for example after a
 * network error.
 */
function isTemporary(reason: ConnectionStatusReason, errorName: string): boolean {
  if (PARAMETER_ERRORS.has(errorName)) return false;
  return reason === ConnectionStatusReason.NetworkError || !SPECIFIC_REASONS.has(reason);
}

/** Names of the errors with which a connection manager rejects parameters. */
const PARAMETER_ERRORS: ReadonlySet<string> = new Set([InvalidArgumentError.errorName, NotImplementedError.errorName]);

/** Reasons that state a cause. NoneSpecified and unknown numbers are not among them. */
const SPECIFIC_REASONS: ReadonlySet<number> = new Set(
  Object.values(ConnectionStatusReason).filter((reason) => reason !== ConnectionStatusReason.NoneSpecified),
);

/** Returns whether the account is connected and either was not connected before or has a new requested presence. */
function mustSetPresence(before: AccountState, after: AccountState): boolean {
  if (!isConnected(after)) return false;
  return !isConnected(before) || !isDeepStrictEqual(before.requestedPresence, after.requestedPresence);
}

/**
 * Returns whether the account is connected with a nickname to set as alias, and either was not connected before or
 * has a new nickname.
 */
function mustSetAlias(before: AccountState, after: AccountState): boolean {
  const { nickname, normalizedName } = after.settings;
  // Without a nickname, the identifier is the alias anyway.
  if (!isConnected(after) || nickname === "" || nickname === normalizedName) return false;
  return !isConnected(before) || before.settings.nickname !== nickname;
}

function isConnected({ connection, status }: AccountState): boolean {
  return connection.phase === "open" && status === ConnectionStatus.Connected;
}

function effectsBetween(before: AccountState, after: AccountState): AccountEffect[] {
  const effects: AccountEffect[] = [];
  const { connection } = after;
  if (before.settings !== after.settings && !after.isClosed) effects.push({ kind: "saveSettings" });
  if (mustSetPresence(before, after)) effects.push({ kind: "setPresence", presence: after.requestedPresence });
  if (mustSetAlias(before, after)) effects.push({ kind: "setAlias", alias: after.settings.nickname });
  if (before.connection === connection) return effects;
  if (before.connection.phase === "waitingToRetry") effects.push({ kind: "cancelRetry" });
  if (connection.phase === "waitingToRetry") effects.push({ kind: "scheduleRetry", failures: after.failures });
  if (connection.phase === "requesting" && after.attempt !== before.attempt) {
    effects.push({ kind: "requestConnection", attempt: connection.attempt });
  }
  if (connection.phase === "disconnecting") effects.push({ kind: "disconnect", attempt: connection.attempt });
  return effects;
}
