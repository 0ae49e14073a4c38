import type { DBusError } from "../errors.ts";
import { onRejection } from "../hooks.ts";
import type { ObjectPath, Signature } from "../values.ts";
import { describeValue } from "../wire/errors.ts";
import { type SendableError, sendableError } from "./sendable-error.ts";

/** A call without a handler: its object, interface or method does not exist, or the method takes other types. */
export interface RefusedCall {
  /** Unique name of the caller. */
  readonly sender: string;
  readonly path: ObjectPath;
  /** Interface name, if the caller sent one. */
  readonly interface?: string;
  /** Method name on the wire. */
  readonly member: string;
  /** Signature of the arguments. */
  readonly signature: Signature;
}

/**
 * Returns the error reply to a call without a handler.
 *
 * @param error - The error reply that is sent without a hook.
 */
export type RefuseHook = (call: RefusedCall, error: DBusError) => DBusError;

/** Returns the error that the hook returns. Throws what the hook throws, and TypeError if the result is not a valid DBusError. */
export function applyRefuseHook(refuse: RefuseHook, call: RefusedCall, error: DBusError): SendableError {
  const result: unknown = refuse(call, error);
  const sendable = sendableError(result);
  if (sendable !== undefined) return sendable;
  if (result instanceof Promise) onRejection(result, () => undefined);
  throw new TypeError(`refuse must return a DBusError with an error name, got ${describeValue(result)}`);
}
