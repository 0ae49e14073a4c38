import { DBusError, type DBusErrorClass } from "./errors.ts";

const PREFIX = "org.freedesktop.DBus.Error.";

function standard<Name extends string>(name: Name) {
  return class extends DBusError {
    static readonly errorName: string = PREFIX + name;

    constructor(message: string, options?: ErrorOptions) {
      super(PREFIX + name, message, options);
    }
  };
}

/** `org.freedesktop.DBus.Error.Failed`: something went wrong, and no other name says what. */
export class FailedError extends standard("Failed") {}
/** `org.freedesktop.DBus.Error.NoReply`: a call had no reply within its time. */
export class NoReplyError extends standard("NoReply") {}
/** `org.freedesktop.DBus.Error.Disconnected`: the connection to the bus is closed. */
export class DisconnectedError extends standard("Disconnected") {}
/** `org.freedesktop.DBus.Error.ServiceUnknown`: nobody owns the bus name, and nothing can be started for it. */
export class ServiceUnknownError extends standard("ServiceUnknown") {}
/** `org.freedesktop.DBus.Error.NameHasNoOwner`: nobody owns the bus name. */
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
/** `org.freedesktop.DBus.Error.InvalidArgs`: the arguments are not what the method takes. */
export class InvalidArgsError extends standard("InvalidArgs") {}
/** `org.freedesktop.DBus.Error.AccessDenied`: the caller may not do this. */
export class AccessDeniedError extends standard("AccessDenied") {}
/** `org.freedesktop.DBus.Error.LimitsExceeded`: a limit of the bus or the service is reached. */
export class LimitsExceededError extends standard("LimitsExceeded") {}
/** `org.freedesktop.DBus.Error.NotSupported`: the service cannot do this. */
export class NotSupportedError extends standard("NotSupported") {}

/** `org.freedesktop.DBus.Error.InvalidSignature`: what came has another signature than the contract declares. */
export class InvalidSignatureError extends standard("InvalidSignature") {}

/**
 * A reply or property value came with another signature than the contract declares. Raised in this process, so that a
 * caller never sees a value of another type than it expects.
 */
export class InvalidReplySignatureError extends InvalidSignatureError {
  readonly expected: string;
  readonly received: string;

  /**
   * @param what - What was answered, such as `org.example.Jukebox1.Play`.
   * @param expected - Signature that the contract declares.
   * @param received - Signature that came.
   */
  constructor(what: string, expected: string, received: string) {
    super(`${what} answered with signature "${received}", expected "${expected}"`);
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
 * The error of a peer's answer: of the class with its name among `declared`, else among the standard ones, else a
 * plain DBusError.
 */
export function remoteError(errorName: string, text: string, declared: readonly DBusErrorClass[] = []): DBusError {
  const errorClass = declared.find((candidate) => candidate.errorName === errorName) ?? byName.get(errorName);
  return errorClass === undefined ? new DBusError(errorName, text) : new errorClass(text);
}
