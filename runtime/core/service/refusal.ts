import { DBusError } from "../errors.ts";
import type { ObjectPath, Signature } from "../values.ts";
import { describeValue } from "../wire/errors.ts";
import { isErrorName } from "../wire/name-syntax.ts";

/** A call that reaches no handler: there is no such object, interface or method, or it takes other types. */
export interface RefusedCall {
  /** Unique name of the caller. */
  readonly sender: string;
  readonly path: ObjectPath;
  /** Interface name, where the caller gave one. */
  readonly interface?: string;
  /** Method name on the wire. */
  readonly member: string;
  /** Signature of the arguments. */
  readonly signature: Signature;
}

/**
 * Chooses the answer to a call that reaches no handler.
 *
 * @param error - The standard answer.
 */
export type RefuseHook = (call: RefusedCall, error: DBusError) => DBusError;

/** What the hook makes of the standard answer. Throws what the hook throws, and TypeError where it gives no error. */
export function wordedBy(refuse: RefuseHook, call: RefusedCall, error: DBusError): DBusError {
  const worded: unknown = refuse(call, error);
  if (worded instanceof DBusError && isErrorName(worded.errorName)) return worded;
  throw new TypeError(`refuse must return a DBusError with an error name, got ${describeValue(worded)}`);
}
