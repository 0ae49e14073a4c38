import type { DBusErrorClass } from "@dbus-codegen-ts/runtime";
import {
  type ConnectionErrorDetails,
  ConnectionStatusReason as Reason,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import {
  AlreadyConnectedError,
  AuthenticationFailedError,
  ConnectionFailedError,
  ConnectionLostError,
  PermissionDeniedError,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import type { ConnectionFailure } from "../protocol.ts";

/** Why an IRC connection has ended. */
export interface IrcError {
  readonly reason: Reason;
  readonly fault: ConnectionFailure;
}

/** Characters of what a server says that are passed on. */
const MAX_TEXT = 400;

type Refusal = readonly [reason: Reason, error: DBusErrorClass];

const NAME_IN_USE: Refusal = [Reason.NameInUse, AlreadyConnectedError];
const NOT_LET_IN: Refusal = [Reason.AuthenticationFailed, AuthenticationFailedError];
const BANNED: Refusal = [Reason.AuthenticationFailed, PermissionDeniedError];

/** Answers to an attempt to register that end it. */
const REFUSALS: ReadonlyMap<string, Refusal> = new Map([
  ["ERR_NICKNAMEINUSE", NAME_IN_USE],
  ["ERR_NICKCOLLISION", NAME_IN_USE],
  ["ERR_UNAVAILRESOURCE", NAME_IN_USE],
  ["ERR_ERRONEOUSNICKNAME", NOT_LET_IN],
  ["ERR_PASSWDMISMATCH", NOT_LET_IN],
  ["ERR_NOPERMFORHOST", BANNED],
  ["ERR_YOUREBANNEDCREEP", BANNED],
]);

/** What a server's answer means for an attempt to register; undefined where it goes on. */
export function faultOfAnswer(command: string, text: string): IrcError | undefined {
  const refusal = REFUSALS.get(command);
  return refusal && refused(refusal, text);
}

/**
 * What it means that a server says ERROR: it hangs up. Some servers tell by its text alone that the password was wrong, or
 * that they ban the user.
 *
 * @param wasConnected - Whether the user was let in before.
 */
export function faultOfError(text: string, wasConnected: boolean): IrcError {
  if (!wasConnected && /\bpassword\b/i.test(text)) return refused(NOT_LET_IN, text);
  if (/\b[GKZD]-?lined?\b|\bbanned\b/i.test(text)) return refused(BANNED, text);
  return { reason: Reason.NetworkError, fault: { ...lost(wasConnected), details: { serverMessage: readable(text) } } };
}

/** What it means that a connection is over without a word. */
export function faultOfSilence(debugMessage: string, wasConnected: boolean): IrcError {
  return { reason: Reason.NetworkError, fault: { ...lost(wasConnected), details: { debugMessage } } };
}

/** What a server says, fit to be shown: no control characters or formatting, and not without end. */
export function readable(text: string): string {
  const plain = text.replace(/\x03(?:\d{1,2}(?:,\d{1,2})?)?/g, "").replace(/[\x00-\x1f\x7f-\x9f]/g, "");
  // Cutting may leave half a character, which UTF-8 has no bytes for.
  return Buffer.from(plain.slice(0, MAX_TEXT)).toString().trim();
}

function refused([reason, { errorName }]: Refusal, text: string): IrcError {
  const details: ConnectionErrorDetails = { serverMessage: readable(text) };
  return { reason, fault: { name: errorName, details } };
}

function lost(wasConnected: boolean): { readonly name: string } {
  return { name: (wasConnected ? ConnectionLostError : ConnectionFailedError).errorName };
}
