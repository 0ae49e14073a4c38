import { DBusError, type DBusErrorClass } from "@dbus-codegen-ts/runtime";
import { type ConnectionErrorDetails, ConnectionStatusReason } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { errorOfReason } from "../connection/disconnect-reasons.ts";

/** What was heard of the end of a connection. */
export interface ConnectionEnd {
  readonly reason: ConnectionStatusReason;
  /** What ConnectionError told, where it came before. */
  readonly error?: { readonly name: string; readonly details: ConnectionErrorDetails };
  readonly wasConnected: boolean;
}

/**
 * The end of a connection, as one error: what ConnectionError and StatusChanged told together. Its name is that of
 * ConnectionError; where there was none it is the equivalent of the reason, or its cause.
 */
export class ConnectionEndedError extends DBusError {
  /** Why, in the vocabulary of StatusChanged. */
  readonly reason: ConnectionStatusReason;
  /** What else is known; empty where the connection manager told nothing. */
  readonly details: ConnectionErrorDetails;

  constructor({ reason, error, wasConnected }: ConnectionEnd, options?: ErrorOptions) {
    const name = error?.name ?? errorOfReason(reason, { wasConnected }).errorName;
    const { debugMessage, serverMessage } = error?.details ?? {};
    super(name, debugMessage ?? serverMessage ?? `the connection has ended: ${describeReason(reason)}`, options);
    this.reason = reason;
    this.details = error?.details ?? {};
  }

  /** Whether the user wanted it. */
  get isRequested(): boolean {
    return this.reason === ConnectionStatusReason.Requested;
  }

  /** Whether it has the name of an error class, such as `AuthenticationFailedError`. */
  is(errorClass: DBusErrorClass): boolean {
    return this.errorName === errorClass.errorName;
  }
}

function describeReason(reason: number): string {
  const [name] = Object.entries(ConnectionStatusReason).find(([, value]) => value === reason) ?? [`reason ${reason}`];
  return name;
}
