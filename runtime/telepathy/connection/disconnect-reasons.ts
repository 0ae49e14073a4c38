import type { DBusErrorClass } from "@dbus-codegen-ts/runtime";
import { ConnectionStatusReason } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import {
  AlreadyConnectedError,
  AuthenticationFailedError,
  CancelledError,
  CertExpiredError,
  CertFingerprintMismatchError,
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
  ConnectionReplacedError,
  DisconnectedError,
  DoesNotExistError,
  EncryptionError,
  EncryptionNotAvailableError,
  NetworkError,
  PermissionDeniedError,
  RegistrationExistsError,
  ServiceBusyError,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Error";

/** What decides, beside the reason, which error is its equivalent. */
export interface Circumstances {
  /** Whether the connection was connected before. */
  readonly wasConnected: boolean;
  /** Whether the account was to be created on the server: parameter `register`. */
  readonly register?: boolean;
}

const Reason = ConnectionStatusReason;

const EQUIVALENTS: ReadonlyMap<number, DBusErrorClass> = new Map<number, DBusErrorClass>([
  [Reason.NoneSpecified, DisconnectedError],
  [Reason.Requested, CancelledError],
  [Reason.NetworkError, NetworkError],
  [Reason.AuthenticationFailed, AuthenticationFailedError],
  [Reason.EncryptionError, EncryptionError],
  [Reason.CertNotProvided, CertNotProvidedError],
  [Reason.CertUntrusted, CertUntrustedError],
  [Reason.CertExpired, CertExpiredError],
  [Reason.CertNotActivated, CertNotActivatedError],
  [Reason.CertHostnameMismatch, CertHostnameMismatchError],
  [Reason.CertFingerprintMismatch, CertFingerprintMismatchError],
  [Reason.CertSelfSigned, CertSelfSignedError],
  [Reason.CertOtherError, CertInvalidError],
  [Reason.CertRevoked, CertRevokedError],
  [Reason.CertInsecure, CertInsecureError],
  [Reason.CertLimitExceeded, CertLimitExceededError],
]);

/** Errors that are more precise than the equivalent of their reason. */
const MORE_PRECISE: readonly (readonly [DBusErrorClass, ConnectionStatusReason])[] = [
  [ConnectionRefusedError, Reason.NetworkError],
  [ConnectionFailedError, Reason.NetworkError],
  [ConnectionLostError, Reason.NetworkError],
  [ServiceBusyError, Reason.NetworkError],
  [PermissionDeniedError, Reason.AuthenticationFailed],
  [DoesNotExistError, Reason.AuthenticationFailed],
  [EncryptionNotAvailableError, Reason.EncryptionError],
  [RegistrationExistsError, Reason.NameInUse],
  [AlreadyConnectedError, Reason.NameInUse],
  [ConnectionReplacedError, Reason.NameInUse],
];

const REASONS: ReadonlyMap<string, ConnectionStatusReason> = new Map([
  ...Object.values(Reason).flatMap((reason) => {
    const equivalent = EQUIVALENTS.get(reason);
    return equivalent === undefined ? [] : [[equivalent.errorName, reason] as const];
  }),
  ...MORE_PRECISE.map(([error, reason]) => [error.errorName, reason] as const),
]);

/** The error that is the equivalent of a reason for disconnecting. Unknown reasons are treated like none specified. */
export function errorOfReason(reason: number, circumstances: Circumstances): DBusErrorClass {
  if (reason === Reason.NameInUse) return clashOf(circumstances);
  return EQUIVALENTS.get(reason) ?? DisconnectedError;
}

/** The reason that an error comes under; none specified for one that is not known. */
export function reasonOfError(errorName: string): ConnectionStatusReason {
  return REASONS.get(errorName) ?? Reason.NoneSpecified;
}

function clashOf({ wasConnected, register = false }: Circumstances): DBusErrorClass {
  if (wasConnected) return ConnectionReplacedError;
  return register ? RegistrationExistsError : AlreadyConnectedError;
}
