/** An error with a D-Bus error name: received as the reply to a call, or thrown by a handler to send it. */
export class DBusError extends Error {
  /** Error name on the wire, such as `org.freedesktop.DBus.Error.UnknownMethod`. */
  readonly errorName: string;

  /**
   * @param errorName - Error name on the wire; validated when it is sent.
   * @param message - Human-readable text, sent as the first argument.
   */
  constructor(errorName: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.errorName = errorName;
  }
}

/** The base class of errors with a fixed name: each subclass declares its name as the static property `errorName`. */
export abstract class NamedDBusError extends DBusError {
  /** Error name on the wire. */
  static readonly errorName: string = "";

  /** @param message - Text for people, sent as the first argument. */
  constructor(message: string, options?: ErrorOptions) {
    super(new.target.errorName, message, options);
  }
}

/** A class for one error name, as generated from a spec. */
export interface DBusErrorClass {
  new (message: string, options?: ErrorOptions): DBusError;
  readonly errorName: string;
}
