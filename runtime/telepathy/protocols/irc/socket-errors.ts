import {
  type ConnectionErrorDetails,
  ConnectionStatusReason as Reason,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import {
  CertExpiredError,
  CertHostnameMismatchError,
  CertInsecureError,
  CertInvalidError,
  CertLimitExceededError,
  CertNotActivatedError,
  CertNotProvidedError,
  CertRevokedError,
  CertSelfSignedError,
  CertUntrustedError,
  ConnectionRefusedError,
  EncryptionError,
  EncryptionNotAvailableError,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Error";

import { type IrcProblem, lossKind, type ProblemKind, sanitizeText } from "./irc-problem.ts";
import { TlsNotSupportedError } from "./open-socket.ts";

const UNTRUSTED: ProblemKind = [Reason.CertUntrusted, CertUntrustedError];
const INVALID: ProblemKind = [Reason.CertOtherError, CertInvalidError];
const MISMATCH: ProblemKind = [Reason.CertHostnameMismatch, CertHostnameMismatchError];
const NO_TLS: ProblemKind = [Reason.EncryptionError, EncryptionNotAvailableError];

/** Reason and error for each code of a socket error: codes of Node.js, and codes of OpenSSL for certificates. */
const PROBLEM_KINDS: ReadonlyMap<string, ProblemKind> = new Map<string, ProblemKind>([
  ["ECONNREFUSED", [Reason.NetworkError, ConnectionRefusedError]],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", [Reason.CertSelfSigned, CertSelfSignedError]],
  // The server has sent the root certificate, too, which is not trusted.
  ["SELF_SIGNED_CERT_IN_CHAIN", UNTRUSTED],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", UNTRUSTED],
  ["UNABLE_TO_GET_ISSUER_CERT", UNTRUSTED],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", UNTRUSTED],
  ["CERT_UNTRUSTED", UNTRUSTED],
  ["CERT_HAS_EXPIRED", [Reason.CertExpired, CertExpiredError]],
  ["CERT_NOT_YET_VALID", [Reason.CertNotActivated, CertNotActivatedError]],
  ["CERT_REVOKED", [Reason.CertRevoked, CertRevokedError]],
  ["CERT_CHAIN_TOO_LONG", [Reason.CertLimitExceeded, CertLimitExceededError]],
  ["ERR_TLS_CERT_ALTNAME_INVALID", MISMATCH],
  ["HOSTNAME_MISMATCH", MISMATCH],
  ["INVALID_CA", INVALID],
  ["INVALID_PURPOSE", INVALID],
  ["PATH_LENGTH_EXCEEDED", INVALID],
  ["CERT_REJECTED", INVALID],
  ["CERT_SIGNATURE_FAILURE", INVALID],
  ["UNABLE_TO_DECRYPT_CERT_SIGNATURE", INVALID],
  ["UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY", INVALID],
  ["ERROR_IN_CERT_NOT_BEFORE_FIELD", INVALID],
  ["ERROR_IN_CERT_NOT_AFTER_FIELD", INVALID],
  ["ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE", [Reason.CertNotProvided, CertNotProvidedError]],
  // Errors of OpenSSL when the server does not support TLS.
  ["ERR_SSL_WRONG_VERSION_NUMBER", NO_TLS],
  ["ERR_SSL_PACKET_LENGTH_TOO_LONG", NO_TLS],
  ["ERR_SSL_HTTP_REQUEST", NO_TLS],
]);

/** An error of a socket, and what is known about the connection. */
export interface SocketFailure {
  readonly error: unknown;
  /** Host name of the server, which the certificate must contain. */
  readonly server: string;
  readonly wasConnected: boolean;
}

/** Returns the reason and error with which a socket error ends the connection. */
export function problemFromSocketError({ error, server, wasConnected }: SocketFailure): IrcProblem {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const text = error instanceof Error ? error.message : String(error);
  const kind = error instanceof TlsNotSupportedError ? NO_TLS : PROBLEM_KINDS.get(code);
  const [reason, { errorName }] = kind ?? inferKind(code, text, wasConnected);
  // The error of a failed handshake contains data of the server, so its text is not trusted.
  const details: ConnectionErrorDetails = { debugMessage: sanitizeText(text) };
  if (reason !== Reason.CertHostnameMismatch) return { reason, failure: { name: errorName, details } };
  const certificateHostname = hostOfCertificate(error);
  const hosts = { expectedHostname: server, ...(certificateHostname === "" ? {} : { certificateHostname }) };
  return { reason, failure: { name: errorName, details: { ...details, ...hosts } } };
}

/** Returns the reason and error for a code that is missing in the table. */
function inferKind(code: string, text: string, wasConnected: boolean): ProblemKind {
  if (/too weak|key too small/i.test(text)) return [Reason.CertInsecure, CertInsecureError];
  if (code === "UNSPECIFIED") return INVALID;
  if (code === "EPROTO" || /^ERR_(?:SSL|TLS)_/.test(code)) return [Reason.EncryptionError, EncryptionError];
  return lossKind(wasConnected);
}

/** Returns the host of a certificate: its first alternative name, or its common name; empty if unknown. */
function hostOfCertificate(error: unknown): string {
  const certificate: unknown = error instanceof Error && "cert" in error ? error.cert : undefined;
  if (typeof certificate !== "object" || certificate === null) return "";
  const names: unknown = "subjectaltname" in certificate ? certificate.subjectaltname : undefined;
  const [, alternative] = typeof names === "string" ? (/(?:DNS|IP Address):([^,]+)/.exec(names) ?? []) : [];
  return sanitizeText(alternative ?? commonName("subject" in certificate ? certificate.subject : undefined));
}

function commonName(subject: unknown): string {
  if (typeof subject !== "object" || subject === null || !("CN" in subject)) return "";
  return Array.isArray(subject.CN) ? String(subject.CN[0]) : String(subject.CN);
}
