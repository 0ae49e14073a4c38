import type { DBusError, DBusErrorClass } from "../errors.ts";
import type { SendableError } from "./sendable-error.ts";

/**
 * The error reply to a call that reaches no handler. It is not an Error, because recording a stack takes longer than
 * refusing the call.
 */
export interface Refusal extends SendableError {
  /** Returns the error reply as an error for the application. */
  readonly toError: () => DBusError;
}

/** Returns a refusal with the error name of an error class. */
export function refusal(type: DBusErrorClass, message: string): Refusal {
  return { errorName: type.errorName, message, toError: () => new type(message) };
}

/** Returns whether the result of a search is an error reply, and not the object or method that was searched for. */
export function isRefusal(found: object): found is Refusal | DBusError {
  return "errorName" in found;
}
