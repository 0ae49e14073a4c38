import { DBusError, type DBusErrorClass } from "@dbus-codegen-ts/runtime";
import { type ConnectionErrorDetails, ConnectionStatusReason } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { describeReason, errorForReason } from "../connection/disconnect-reasons.ts";

/** Observed facts about the end of a connection. */
export interface ConnectionEnd {
  readonly reason: ConnectionStatusReason;
  /** Arguments of the signal ConnectionError, if it preceded StatusChanged. */
  readonly error?: { readonly name: string; readonly details: ConnectionErrorDetails };
  readonly wasConnected: boolean;
}

/**
 * Error that describes the end of a connection, from the signals ConnectionError and StatusChanged. Its name is
 * that in ConnectionError; without that signal, the error that corresponds to the reason in StatusChanged.
 */
export class ConnectionEndedError extends DBusError {
  /** Reason in the signal StatusChanged; NoneSpecified if the connection manager left the bus. */
  readonly reason: ConnectionStatusReason;
  /** Details in the signal ConnectionError; empty if it was not sent. */
  readonly details: ConnectionErrorDetails;

  constructor({ reason, error, wasConnected }: ConnectionEnd, options?: ErrorOptions) {
    const name = error?.name ?? errorForReason(reason, { wasConnected }).errorName;
    const { debugMessage, serverMessage } = error?.details ?? {};
    super(name, debugMessage ?? serverMessage ?? describeReason(reason), options);
    this.reason = reason;
    this.details = error?.details ?? {};
  }

  /** Whether a client requested the disconnection. */
  get isRequested(): boolean {
    return this.reason === ConnectionStatusReason.Requested;
  }

  /** Returns whether this error has the D-Bus error name of a class, such as `AuthenticationFailedError`. */
  is(errorClass: DBusErrorClass): boolean {
    return this.errorName === errorClass.errorName;
  }
}
