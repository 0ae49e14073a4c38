import type { DBusErrorClass } from "@dbus-codegen-ts/runtime";
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
  ConnectionFailedError,
  ConnectionLostError,
  ConnectionRefusedError,
  EncryptionError,
  EncryptionNotAvailableError,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { type IrcError, readable } from "./irc-problem.ts";
import { NoTlsError } from "./open-socket.ts";

type Meaning = readonly [reason: Reason, error: DBusErrorClass];

const UNTRUSTED: Meaning = [Reason.CertUntrusted, CertUntrustedError];
const INVALID: Meaning = [Reason.CertOtherError, CertInvalidError];
const MISMATCH: Meaning = [Reason.CertHostnameMismatch, CertHostnameMismatchError];
const NO_TLS: Meaning = [Reason.EncryptionError, EncryptionNotAvailableError];

/** Codes of errors that say what they mean; those of certificates are OpenSSL's. */
const MEANINGS: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  ["ECONNREFUSED", [Reason.NetworkError, ConnectionRefusedError]],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", [Reason.CertSelfSigned, CertSelfSignedError]],
  // The root that signed it came along, and is trusted no more for that.
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
  // Whoever answers does not speak TLS.
  ["ERR_SSL_WRONG_VERSION_NUMBER", NO_TLS],
  ["ERR_SSL_PACKET_LENGTH_TOO_LONG", NO_TLS],
  ["ERR_SSL_HTTP_REQUEST", NO_TLS],
]);

/** Why a socket failed, and what was wanted of it. */
export interface SocketFailure {
  /** What the socket said. */
  readonly error: unknown;
  /** Host name that the certificate has to be made out to. */
  readonly server: string;
  readonly wasConnected: boolean;
}

/** What the failure of a socket means. */
export function faultOfSocket({ error, server, wasConnected }: SocketFailure): IrcError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const text = error instanceof Error ? error.message : String(error);
  const known = error instanceof NoTlsError ? NO_TLS : MEANINGS.get(code);
  const [reason, { errorName }] = known ?? meaningOf(code, text, wasConnected);
  // The error of a failed handshake quotes the other side, so its text is not to be trusted either.
  const details: ConnectionErrorDetails = { debugMessage: readable(text) };
  if (reason !== Reason.CertHostnameMismatch) return { reason, fault: { name: errorName, details } };
  const shown = hostOfCertificate(error);
  const hosts = { expectedHostname: server, ...(shown === "" ? {} : { certificateHostname: shown }) };
  return { reason, fault: { name: errorName, details: { ...details, ...hosts } } };
}

function meaningOf(code: string, text: string, wasConnected: boolean): Meaning {
  if (/too weak|key too small/i.test(text)) return [Reason.CertInsecure, CertInsecureError];
  if (code === "UNSPECIFIED") return INVALID;
  if (code === "EPROTO" || /^ERR_(?:SSL|TLS)_/.test(code)) return [Reason.EncryptionError, EncryptionError];
  return [Reason.NetworkError, wasConnected ? ConnectionLostError : ConnectionFailedError];
}

/** The host that a certificate is made out to: the first of its alternative names, or its common name. */
function hostOfCertificate(error: unknown): string {
  const certificate: unknown = error instanceof Error && "cert" in error ? error.cert : undefined;
  if (typeof certificate !== "object" || certificate === null) return "";
  const names: unknown = "subjectaltname" in certificate ? certificate.subjectaltname : undefined;
  const [, alternative] = typeof names === "string" ? (/(?:DNS|IP Address):([^,]+)/.exec(names) ?? []) : [];
  return readable(alternative ?? commonName("subject" in certificate ? certificate.subject : undefined));
}

function commonName(subject: unknown): string {
  if (typeof subject !== "object" || subject === null || !("CN" in subject)) return "";
  return Array.isArray(subject.CN) ? String(subject.CN[0]) : String(subject.CN);
}
