import { DBusError, type DBusErrorClass } from "./errors.ts";

const PREFIX = "org.freedesktop.DBus.Error.";

/** Returns a base class for errors with one standard error name. */
function standard<Name extends string>(name: Name) {
  return class extends DBusError {
    static readonly errorName: string = PREFIX + name;

    constructor(message: string, options?: ErrorOptions) {
      super(PREFIX + name, message, options);
    }
  };
}

/** `org.freedesktop.DBus.Error.Failed`: a failure that no other error name describes. */
export class FailedError extends standard("Failed") {}
/** `org.freedesktop.DBus.Error.NoReply`: a call had no reply before its timeout. */
export class NoReplyError extends standard("NoReply") {}
/** `org.freedesktop.DBus.Error.Disconnected`: the connection to the bus is closed. */
export class DisconnectedError extends standard("Disconnected") {}
/**
 * `org.freedesktop.DBus.Error.ServiceUnknown`: the bus name has no owner, and the bus cannot start a service for it.
 */
export class ServiceUnknownError extends standard("ServiceUnknown") {}
/** `org.freedesktop.DBus.Error.NameHasNoOwner`: the bus name has no owner. */
export class NameHasNoOwnerError extends standard("NameHasNoOwner") {}
/** `org.freedesktop.DBus.Error.UnknownObject`: there is no object at the path. */
export class UnknownObjectError extends standard("UnknownObject") {}
/** `org.freedesktop.DBus.Error.UnknownInterface`: the object does not have the interface. */
export class UnknownInterfaceError extends standard("UnknownInterface") {}
/** `org.freedesktop.DBus.Error.UnknownMethod`: the interface does not have the method. */
export class UnknownMethodError extends standard("UnknownMethod") {}
/** `org.freedesktop.DBus.Error.UnknownProperty`: the interface does not have the property. */
export class UnknownPropertyError extends standard("UnknownProperty") {}
/** `org.freedesktop.DBus.Error.PropertyReadOnly`: the property cannot be set. */
export class PropertyReadOnlyError extends standard("PropertyReadOnly") {}
/** `org.freedesktop.DBus.Error.InvalidArgs`: the arguments are invalid or have types that the method does not take. */
export class InvalidArgsError extends standard("InvalidArgs") {}
/** `org.freedesktop.DBus.Error.AccessDenied`: the caller is not authorized. */
export class AccessDeniedError extends standard("AccessDenied") {}
/** `org.freedesktop.DBus.Error.LimitsExceeded`: a limit of the bus or the service is reached. */
export class LimitsExceededError extends standard("LimitsExceeded") {}
/** `org.freedesktop.DBus.Error.NotSupported`: the service does not support the operation. */
export class NotSupportedError extends standard("NotSupported") {}

/** `org.freedesktop.DBus.Error.InvalidSignature`: a received value has another signature than the contract declares. */
export class InvalidSignatureError extends standard("InvalidSignature") {}

/**
 * A reply or property value with another signature than the contract declares. This process throws the error instead of
 * returning a value of an unexpected type.
 */
export class InvalidReplySignatureError extends InvalidSignatureError {
  readonly expected: string;
  readonly received: string;

  /**
   * @param subject - The method or property that the value is from, such as `org.example.Jukebox1.Play`.
   * @param expected - Signature that the contract declares.
   * @param received - Signature of the received value.
   */
  constructor(subject: string, expected: string, received: string) {
    super(`${subject} answered with signature "${received}", expected "${expected}"`);
    this.expected = expected;
    this.received = received;
  }
}

const STANDARD_ERRORS: readonly DBusErrorClass[] = [
  FailedError,
  NoReplyError,
  DisconnectedError,
  ServiceUnknownError,
  NameHasNoOwnerError,
  UnknownObjectError,
  UnknownInterfaceError,
  UnknownMethodError,
  UnknownPropertyError,
  PropertyReadOnlyError,
  InvalidArgsError,
  AccessDeniedError,
  LimitsExceededError,
  NotSupportedError,
  InvalidSignatureError,
];
const byName = new Map(STANDARD_ERRORS.map((errorClass) => [errorClass.errorName, errorClass]));

/**
 * Returns an error reply as an error. Its class is the class in `declared` with the error name, otherwise the standard
 * class, otherwise DBusError.
 */
export function remoteError(errorName: string, text: string, declared: readonly DBusErrorClass[] = []): DBusError {
  const errorClass = declared.find((candidate) => candidate.errorName === errorName) ?? byName.get(errorName);
  return errorClass === undefined ? new DBusError(errorName, text) : new errorClass(text);
}
