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

/** Facts that determine, together with the reason for disconnecting, the corresponding error. */
export interface DisconnectContext {
  /** Whether the connection was connected before. */
  readonly wasConnected: boolean;
  /** Value of the parameter `register`: whether a new account was to be created on the server. */
  readonly register?: boolean;
}

const Reason = ConnectionStatusReason;

/** The error that corresponds to each reason (Telepathy specification, Connection_Status_Reason). */
const ERROR_BY_REASON: ReadonlyMap<number, DBusErrorClass> = new Map<number, DBusErrorClass>([
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

/** Errors that correspond to a reason and are more specific than the error of that reason in ERROR_BY_REASON. */
const SPECIFIC_ERRORS: readonly (readonly [DBusErrorClass, ConnectionStatusReason])[] = [
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

const REASON_BY_ERROR: ReadonlyMap<string, ConnectionStatusReason> = new Map([
  ...Object.values(Reason).flatMap((reason) => {
    const equivalent = ERROR_BY_REASON.get(reason);
    return equivalent === undefined ? [] : [[equivalent.errorName, reason] as const];
  }),
  ...SPECIFIC_ERRORS.map(([error, reason]) => [error.errorName, reason] as const),
]);

/**
 * Returns the error that corresponds to a reason for disconnecting (Telepathy specification,
 * Connection_Status_Reason). Unknown reasons are treated as NoneSpecified.
 */
export function errorForReason(reason: number, context: DisconnectContext): DBusErrorClass {
  if (reason === Reason.NameInUse) return errorForNameInUse(context);
  return ERROR_BY_REASON.get(reason) ?? DisconnectedError;
}

/** Returns the reason for disconnecting that corresponds to an error name; NoneSpecified for unknown errors. */
export function reasonForError(errorName: string): ConnectionStatusReason {
  return REASON_BY_ERROR.get(errorName) ?? Reason.NoneSpecified;
}

/** Returns a description of a reason for disconnecting, for developers. */
export function describeReason(reason: number): string {
  const [name] = Object.entries(Reason).find(([, value]) => value === reason) ?? [`reason ${reason}`];
  return `the connection has ended: ${name}`;
}

function errorForNameInUse({ wasConnected, register = false }: DisconnectContext): DBusErrorClass {
  if (wasConnected) return ConnectionReplacedError;
  return register ? RegistrationExistsError : AlreadyConnectedError;
}
