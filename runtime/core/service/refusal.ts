import type { DBusError, DBusErrorClass } from "../errors.ts";
import type { SendableError } from "./sendable-error.ts";

/**
 * The error reply to a call that reaches no handler. It is no Error, because recording the stack takes longer than refusing
 * the call.
 */
export interface Refusal extends SendableError {
  /** Returns the error for the application. */
  readonly toError: () => DBusError;
}

/** Returns a refusal with the name of an error class. */
export function refusal(type: DBusErrorClass, message: string): Refusal {
  return { errorName: type.errorName, message, toError: () => new type(message) };
}

/** Returns whether a value is an error reply, and not what was searched for the call. */
export function isRefusal(found: object): found is Refusal | DBusError {
  return "errorName" in found;
}
