/** The member that a failed call was sent to. */
export interface CalledMember {
  /** Bus name. */
  readonly destination: string;
  readonly path: string;
  /** Interface name, if the call had one. */
  readonly interface?: string;
  /** Method name on the wire. */
  readonly member: string;
}

/**
 * An error with a D-Bus error name: received as the reply to a call, or thrown by a handler to be sent as the reply.
 */
export class DBusError extends Error {
  /** Error name on the wire, such as `org.freedesktop.DBus.Error.UnknownMethod`. */
  readonly errorName: string;
  /**
   * The call that failed; undefined unless this process sent it. The stack of the error then contains the callers that
   * wait for the call.
   */
  declare readonly call?: CalledMember;

  /**
   * @param errorName - Error name on the wire. It is checked when the error is sent.
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

  /**
   * Returns whether a value is a `DBusError` with the error name of this class. The contract of the called interface
   * need not list the error.
   */
  static override [Symbol.hasInstance](value: unknown): boolean {
    // biome-ignore lint/complexity/noThisInStatic: the tested class is usually a subclass.
    return isInstance(this, value);
  }

  /** @param message - Human-readable text, sent as the first argument. */
  constructor(message: string, options?: ErrorOptions) {
    super(new.target.errorName, message, options);
  }
}

/** A class for one error name, as generated from a spec. */
export interface DBusErrorClass {
  new (message: string, options?: ErrorOptions): DBusError;
  readonly errorName: string;
}

function isInstance(type: typeof NamedDBusError, value: unknown): boolean {
  const hasName = type !== NamedDBusError && Object.hasOwn(type, "errorName");
  if (!hasName) return Function.prototype[Symbol.hasInstance].call(type, value);
  return value instanceof DBusError && value.errorName === type.errorName;
}

/** Returns a thrown value if it is an Error; otherwise an Error with the text of the value. */
export function errorOf(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
