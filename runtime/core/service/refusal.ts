import type { DBusError, DBusErrorClass } from "../errors.ts";
import type { SendableError } from "./sendable-error.ts";

/**
 * The error reply to a call that reaches no handler. It is no Error, because recording the stack takes longer than refusing
 * the call.
 */
export class Refusal implements SendableError {
  readonly errorName: string;
  readonly message: string;
  /** Returns the error for the application. */
  readonly toError: () => DBusError;

  private constructor(errorName: string, message: string, toError: () => DBusError) {
    this.errorName = errorName;
    this.message = message;
    this.toError = toError;
  }

  /** Returns a refusal with the name of an error class. */
  static of(type: DBusErrorClass, message: string): Refusal {
    return new Refusal(type.errorName, message, () => new type(message));
  }

  /** Returns a refusal with an existing error. */
  static by(error: DBusError): Refusal {
    return new Refusal(error.errorName, error.message, () => error);
  }
}
