/** An error with a D-Bus name: what a peer answered, or what a handler throws to answer. */
export class DBusError extends Error {
  /** Error name on the wire, such as `org.freedesktop.DBus.Error.UnknownMethod`. */
  readonly errorName: string;

  /**
   * @param errorName - Error name; checked when it is sent.
   * @param message - Text for people, sent as the first argument.
   */
  constructor(errorName: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.errorName = errorName;
  }
}

/** A class for one error name, as generated from a spec. */
export interface DBusErrorClass {
  new (message: string, options?: ErrorOptions): DBusError;
  readonly errorName: string;
}
