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
  ConnectionReplacedError,
  PermissionDeniedError,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import type { ConnectionFailure } from "../protocol.ts";
import { NUMERIC } from "./irc-message.ts";

/** Reason and error with which an IRC connection ends. */
export interface IrcProblem {
  readonly reason: Reason;
  readonly failure: ConnectionFailure;
}

/** Maximum number of UTF-16 code units of a server's text in details and messages. */
const MAX_TEXT_LENGTH = 400;

/** Reason for disconnecting and error that correspond to a reply of the server or an error of the socket. */
export type ProblemKind = readonly [reason: Reason, error: DBusErrorClass];

const NAME_IN_USE: ProblemKind = [Reason.NameInUse, AlreadyConnectedError];
const REPLACED: ProblemKind = [Reason.NameInUse, ConnectionReplacedError];
const AUTHENTICATION_FAILED: ProblemKind = [Reason.AuthenticationFailed, AuthenticationFailedError];
const BANNED: ProblemKind = [Reason.AuthenticationFailed, PermissionDeniedError];

/** Replies of the server that reject the registration of the user (RFC 2812, section 5.2). */
const REGISTRATION_ERRORS: ReadonlyMap<string, ProblemKind> = new Map<string, ProblemKind>([
  [NUMERIC.ERR_NICKNAMEINUSE, NAME_IN_USE],
  [NUMERIC.ERR_NICKCOLLISION, NAME_IN_USE],
  [NUMERIC.ERR_UNAVAILRESOURCE, NAME_IN_USE],
  [NUMERIC.ERR_ERRONEOUSNICKNAME, AUTHENTICATION_FAILED],
  [NUMERIC.ERR_PASSWDMISMATCH, AUTHENTICATION_FAILED],
  [NUMERIC.ERR_NOPERMFORHOST, BANNED],
  [NUMERIC.ERR_YOUREBANNEDCREEP, BANNED],
]);

/** Returns the problem that a reply during registration reports; undefined if the registration continues. */
export function problemFromReply(command: string, text: string): IrcProblem | undefined {
  const kind = REGISTRATION_ERRORS.get(command);
  return kind && serverProblem(kind, text);
}

/**
 * Returns the problem that an ERROR message reports, after which the server closes the connection. The text is
 * analysed, because some servers report a wrong password, a ban or a taken-over nickname only there.
 *
 * @param wasConnected - Whether the user was registered before.
 */
export function problemFromErrorMessage(text: string, wasConnected: boolean): IrcProblem {
  if (!wasConnected && /\bpassword\b/i.test(text)) return serverProblem(AUTHENTICATION_FAILED, text);
  if (/\bnick(?:name)? (?:collision|collide|regained)|\bghosted\b|\bGHOST command\b/i.test(text)) {
    return serverProblem(wasConnected ? REPLACED : NAME_IN_USE, text);
  }
  if (/\b[GKZD]-?lined?\b|\bbanned\b/i.test(text)) return serverProblem(BANNED, text);
  return serverProblem(lossKind(wasConnected), text);
}

/** Returns the problem of a connection that ended or timed out without a message of the server. */
export function connectionLossProblem(debugMessage: string, wasConnected: boolean): IrcProblem {
  const [reason, { errorName }] = lossKind(wasConnected);
  return { reason, failure: { name: errorName, details: { debugMessage } } };
}

/**
 * Returns the reason and error of a network problem.
 *
 * @param wasConnected - Whether the user was registered before.
 */
export function lossKind(wasConnected: boolean): ProblemKind {
  return [Reason.NetworkError, wasConnected ? ConnectionLostError : ConnectionFailedError];
}

/** Removes control characters and IRC formatting from a text of the server, and truncates the text. */
export function sanitizeText(text: string): string {
  const plain = text.replace(/\x03(?:\d{1,2}(?:,\d{1,2})?)?/g, "").replace(/[\x00-\x1f\x7f-\x9f]/g, "");
  // If a surrogate pair was cut in half, the conversion replaces the rest by U+FFFD.
  return Buffer.from(plain.slice(0, MAX_TEXT_LENGTH)).toString().trim();
}

/** Replaces a secret in the details of a failure, because some servers repeat received parameters. */
export function withoutSecret(failure: ConnectionFailure, secret: string): ConnectionFailure {
  const { details } = failure;
  if (secret === "" || details === undefined) return failure;
  const redact = (text: string): string => text.replaceAll(secret, "…");
  const { debugMessage, serverMessage } = details;
  return {
    ...failure,
    details: {
      ...details,
      ...(debugMessage !== undefined && { debugMessage: redact(debugMessage) }),
      ...(serverMessage !== undefined && { serverMessage: redact(serverMessage) }),
    },
  };
}

function serverProblem([reason, { errorName }]: ProblemKind, text: string): IrcProblem {
  const details: ConnectionErrorDetails = { serverMessage: sanitizeText(text) };
  return { reason, failure: { name: errorName, details } };
}
