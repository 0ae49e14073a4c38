import { DBusError, type DBusErrorClass } from "@dbus-codegen-ts/runtime";
import { type ConnectionErrorDetails, ConnectionStatusReason } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { describeReason, errorForReason } from "../connection/disconnect-reasons.ts";

/** Facts that a client observed about the end of a connection. */
export interface ConnectionEnd {
  readonly reason: ConnectionStatusReason;
  /** Arguments of ConnectionError, if that signal was sent before. */
  readonly error?: { readonly name: string; readonly details: ConnectionErrorDetails };
  readonly wasConnected: boolean;
}

/**
 * The end of a connection as one error, made of ConnectionError and StatusChanged. Its name is that of ConnectionError;
 * without that signal it is the error equivalent to the reason.
 */
export class ConnectionEndedError extends DBusError {
  /** Reason argument of StatusChanged. */
  readonly reason: ConnectionStatusReason;
  /** Details of ConnectionError; empty if the connection manager sent none. */
  readonly details: ConnectionErrorDetails;

  constructor({ reason, error, wasConnected }: ConnectionEnd, options?: ErrorOptions) {
    const name = error?.name ?? errorForReason(reason, { wasConnected }).errorName;
    const { debugMessage, serverMessage } = error?.details ?? {};
    super(name, debugMessage ?? serverMessage ?? describeReason(reason), options);
    this.reason = reason;
    this.details = error?.details ?? {};
  }

  /** Whether the user requested the end. */
  get isRequested(): boolean {
    return this.reason === ConnectionStatusReason.Requested;
  }

  /** Returns whether the error has the name of an error class, such as `AuthenticationFailedError`. */
  is(errorClass: DBusErrorClass): boolean {
    return this.errorName === errorClass.errorName;
  }
}
