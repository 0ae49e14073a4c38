import { isDeepStrictEqual } from "node:util";
import type { Presence } from "@dbus-codegen-ts/stubs/generic-types";
import {
  type ConnectionErrorDetails,
  ConnectionStatus,
  ConnectionStatusReason,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { InvalidArgumentError, NotImplementedError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { errorOfReason } from "../connection/disconnect-reasons.ts";
import { type AccountSettings, isOnline, OFFLINE } from "./account-settings.ts";

/** How an account stands with its connection. Each attempt to have one has a number of its own. */
export type Link =
  /** There is none, and none is under way. */
  | { readonly phase: "none" }
  /** A connection manager was asked for one; `dropped` when nobody wants it any more. */
  | { readonly phase: "requesting"; readonly attempt: number; readonly dropped: boolean }
  | { readonly phase: "open"; readonly attempt: number; readonly path: string }
  /** It was asked to disconnect. */
  | { readonly phase: "leaving"; readonly attempt: number; readonly path: string }
  /** The next attempt comes after a while. */
  | { readonly phase: "waiting" };

/** An account as it runs. */
export interface AccountState {
  readonly settings: AccountSettings;
  /** Whether a connection manager takes the parameters. */
  readonly valid: boolean;
  readonly requestedPresence: Presence;
  readonly link: Link;
  readonly status: ConnectionStatus;
  readonly reason: ConnectionStatusReason;
  /** Name of the error that ended the last connection; empty for none. */
  readonly error: string;
  readonly details: ConnectionErrorDetails;
  /** Number of the last attempt. */
  readonly attempt: number;
  /** Attempts in a row that have failed. */
  readonly failures: number;
  /** Trying again would not help: something has to change first. */
  readonly held: boolean;
  readonly closed: boolean;
}

/** An error that ended a connection, where it is known. */
export interface LinkError {
  readonly name: string;
  readonly details: ConnectionErrorDetails;
}

/** What happens to an account. */
export type AccountEvent =
  | { readonly kind: "edited"; readonly changes: Partial<AccountSettings> }
  | { readonly kind: "presenceRequested"; readonly presence: Presence }
  | { readonly kind: "validated"; readonly valid: boolean }
  /** Somebody wants to talk over this account. */
  | { readonly kind: "channelRequested" }
  | { readonly kind: "reconnectWanted" }
  | { readonly kind: "retryDue" }
  /** The account is removed, or the account manager ends. */
  | { readonly kind: "closed" }
  /** The connection manager has made a connection. */
  | { readonly kind: "made"; readonly attempt: number; readonly path: string }
  | {
      readonly kind: "statusChanged";
      readonly attempt: number;
      readonly status: ConnectionStatus;
      readonly reason: ConnectionStatusReason;
      readonly error?: LinkError;
    }
  /** The connection manager refuses, or a connection vanished without a word. */
  | {
      readonly kind: "failed";
      readonly attempt: number;
      readonly reason: ConnectionStatusReason;
      readonly error: LinkError;
    }
  /** The connection that was asked to disconnect is gone. */
  | { readonly kind: "left"; readonly attempt: number }
  | { readonly kind: "identified"; readonly attempt: number; readonly identifier: string };

/** What has to be done about it. */
export type AccountEffect =
  /** Ask the connection manager for a connection with the stored parameters, and connect it. */
  | { readonly kind: "request"; readonly attempt: number }
  | { readonly kind: "disconnect"; readonly attempt: number }
  /** Say `retryDue` after a while that grows with the failures. */
  | { readonly kind: "wait"; readonly failures: number }
  | { readonly kind: "stopWaiting" }
  /** Keep the settings. */
  | { readonly kind: "store" };

/** An account that has a state and nothing under way. It is not valid before it was validated. */
export function initialState(settings: AccountSettings): AccountState {
  return {
    settings,
    valid: false,
    requestedPresence: OFFLINE,
    link: { phase: "none" },
    status: ConnectionStatus.Disconnected,
    reason: ConnectionStatusReason.NoneSpecified,
    error: "",
    details: {},
    attempt: 0,
    failures: 0,
    held: false,
    closed: false,
  };
}

/** What an event makes of an account, and what has to be done. Pure: the same arguments give the same result. */
export function step(
  before: AccountState,
  event: AccountEvent,
): { readonly state: AccountState; readonly effects: readonly AccountEffect[] } {
  const state = reconciled(applied(before, event));
  return { state, effects: effectsBetween(before, state) };
}

/** Whether the account should have a connection, as far as the user is concerned. */
export function wantsOnline({ settings, valid, requestedPresence, held, closed }: AccountState): boolean {
  return settings.enabled && valid && isOnline(requestedPresence) && !held && !closed;
}

function applied(state: AccountState, event: AccountEvent): AccountState {
  switch (event.kind) {
    case "edited":
      return edited(state, event.changes);
    case "presenceRequested":
      return fresh({ ...state, requestedPresence: event.presence });
    case "validated":
      return event.valid === state.valid ? state : automatic({ ...state, valid: event.valid, held: false });
    case "channelRequested":
      return isUsable(state) ? fresh(withAutomaticPresence(state)) : state;
    case "reconnectWanted":
      return isUsable(state) && isOnline(state.requestedPresence) ? dropped(fresh(state)) : state;
    case "retryDue":
      return state.link.phase === "waiting" ? { ...state, link: { phase: "none" } } : state;
    case "closed":
      return { ...state, closed: true };
    default:
      return linkEvent(state, event);
  }
}

type LinkEvent = Extract<AccountEvent, { readonly attempt: number }>;

/** What the connection of the present attempt does; what an earlier one still has to say does not matter. */
function linkEvent(state: AccountState, event: LinkEvent): AccountState {
  const { link } = state;
  if (link.phase === "none" || link.phase === "waiting" || link.attempt !== event.attempt) return state;
  switch (event.kind) {
    case "made":
      return made(state, event.path);
    case "statusChanged":
      return link.phase === "open" ? mirrored(state, event) : state;
    case "failed":
      return link.phase === "open" || (link.phase === "requesting" && !link.dropped)
        ? ended(state, event.reason, event.error)
        : left(state);
    case "left":
      return left(state);
    case "identified":
      return edited(state, { normalizedName: event.identifier });
  }
}

function edited(state: AccountState, changes: Partial<AccountSettings>): AccountState {
  const settings = isDeepStrictEqual(state.settings, { ...state.settings, ...changes })
    ? state.settings
    : { ...state.settings, ...changes };
  const next = { ...state, settings };
  // Other parameters may be what helps.
  const freed = changes.parameters !== undefined || changes.secrets !== undefined ? { ...next, held: false } : next;
  const mayNowConnect = changes.enabled === true || changes.connectAutomatically === true;
  return mayNowConnect ? automatic({ ...freed, held: false }) : freed;
}

function made(state: AccountState, path: string): AccountState {
  const { link } = state;
  if (link.phase !== "requesting") return state;
  const { attempt } = link;
  const settings = { ...state.settings, connection: path };
  const phase = link.dropped ? "leaving" : "open";
  return { ...state, settings, link: { phase, attempt, path } };
}

function mirrored(state: AccountState, event: Extract<AccountEvent, { kind: "statusChanged" }>): AccountState {
  const { status, reason } = event;
  if (status === ConnectionStatus.Disconnected) {
    const { errorName } = errorOfReason(reason, { wasConnected: state.status === ConnectionStatus.Connected });
    return ended(forgetting(state), reason, event.error ?? { name: errorName, details: {} });
  }
  if (status !== ConnectionStatus.Connected) return { ...state, status, reason };
  const settings = state.settings.hasBeenOnline ? state.settings : { ...state.settings, hasBeenOnline: true };
  return { ...state, settings, status, reason, error: "", details: {}, failures: 0 };
}

/** The connection is over, and this account did not end it. */
function ended(state: AccountState, reason: ConnectionStatusReason, error: LinkError): AccountState {
  const link: Link = { phase: "none" };
  const status = ConnectionStatus.Disconnected;
  // Somebody disconnected the connection itself: that is a wish like any other.
  if (reason === ConnectionStatusReason.Requested) {
    return { ...state, link, status, reason, error: "", details: {}, requestedPresence: OFFLINE };
  }
  const { name, details } = error;
  const failed = { ...state, status, reason, error: name, details, failures: state.failures + 1 };
  if (!canPass(reason, name)) return { ...failed, link, held: true };
  return { ...failed, link: { phase: "waiting" }, status: ConnectionStatus.Connecting };
}

function left(state: AccountState): AccountState {
  const reason = ConnectionStatusReason.Requested;
  const status = ConnectionStatus.Disconnected;
  return { ...forgetting(state), link: { phase: "none" }, status, reason, error: "", details: {} };
}

/** Waits no more. How the last connection ended stays as it is. */
function resting(state: AccountState): AccountState {
  const reason = ConnectionStatusReason.Requested;
  return { ...state, link: { phase: "none" }, status: ConnectionStatus.Disconnected, reason };
}

/** The connection is known to be gone. One that has only fallen silent stays noted, as it may have to be ended. */
function forgetting(state: AccountState): AccountState {
  return edited(state, { connection: "" });
}

/** Brings the connection in line with what the user wants. */
function reconciled(state: AccountState): AccountState {
  const { link } = state;
  const wanted = wantsOnline(state);
  if (wanted) return link.phase === "none" ? requesting(state) : state;
  return link.phase === "waiting" ? resting(state) : dropped(state);
}

function requesting(state: AccountState): AccountState {
  const attempt = state.attempt + 1;
  const reason = ConnectionStatusReason.Requested;
  const link: Link = { phase: "requesting", attempt, dropped: false };
  return { ...state, link, attempt, status: ConnectionStatus.Connecting, reason };
}

/** Gives up the connection, or the attempt, that there is. */
function dropped(state: AccountState): AccountState {
  const { link } = state;
  if (link.phase === "requesting" && !link.dropped) return { ...state, link: { ...link, dropped: true } };
  return link.phase === "open" ? { ...state, link: { ...link, phase: "leaving" } } : state;
}

/** Forgets earlier failures, because the user wants it tried now. */
function fresh(state: AccountState): AccountState {
  const link: Link = state.link.phase === "waiting" ? { phase: "none" } : state.link;
  return { ...state, link, failures: 0, held: false };
}

/** Brings the account online on its own, where it may. */
function automatic(state: AccountState): AccountState {
  return isUsable(state) && state.settings.connectAutomatically ? withAutomaticPresence(state) : state;
}

function withAutomaticPresence(state: AccountState): AccountState {
  if (isOnline(state.requestedPresence)) return state;
  return { ...state, requestedPresence: state.settings.automaticPresence };
}

function isUsable({ settings, valid, closed }: AccountState): boolean {
  return settings.enabled && valid && !closed;
}

/** Whether what ended a connection can pass by itself. A wrong password, or a certificate, stays what it is. */
function canPass(reason: ConnectionStatusReason, error: string): boolean {
  if (REFUSALS.has(error)) return false;
  return reason === ConnectionStatusReason.NetworkError || !KNOWN_REASONS.has(reason);
}

/** Errors of a connection manager that takes the parameters for wrong. */
const REFUSALS: ReadonlySet<string> = new Set([InvalidArgumentError.errorName, NotImplementedError.errorName]);

/** Reasons that say what is wrong; what has another number is treated like none specified. */
const KNOWN_REASONS: ReadonlySet<number> = new Set(
  Object.values(ConnectionStatusReason).filter((reason) => reason !== ConnectionStatusReason.NoneSpecified),
);

function effectsBetween(before: AccountState, after: AccountState): AccountEffect[] {
  const effects: AccountEffect[] = [];
  const { link } = after;
  if (before.settings !== after.settings && !after.closed) effects.push({ kind: "store" });
  if (before.link === link) return effects;
  if (before.link.phase === "waiting") effects.push({ kind: "stopWaiting" });
  if (link.phase === "waiting") effects.push({ kind: "wait", failures: after.failures });
  if (link.phase === "requesting" && after.attempt !== before.attempt) {
    effects.push({ kind: "request", attempt: link.attempt });
  }
  if (link.phase === "leaving") effects.push({ kind: "disconnect", attempt: link.attempt });
  return effects;
}
