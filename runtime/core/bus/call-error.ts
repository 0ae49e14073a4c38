import { DBusError } from "../errors.ts";
import { DisconnectedError } from "../standard-errors.ts";
import type { Request } from "./request.ts";

/**
 * Returns the error of a call with the called member, and the callers that wait for the call in its stack. Errors that
 * are no DBusError are unchanged.
 *
 * It must be called in an async function after the `await` that threw the error: V8 then knows the callers, without
 * costs for calls that succeed.
 */
export function withCall(error: unknown, request: Request): unknown {
  if (!(error instanceof DBusError)) return error;
  // The calls that end with a connection have an error in common.
  const own = error instanceof DisconnectedError ? new DisconnectedError(error.message, { cause: error }) : error;
  const { destination, path, interface: interfaceName, member } = request;
  const call = { destination, path, ...(interfaceName !== undefined && { interface: interfaceName }), member };
  Object.defineProperty(own, "call", { value: call });
  const name = interfaceName === undefined ? member : `${interfaceName}.${member}`;
  const callers: { stack?: string } = {};
  Error.captureStackTrace(callers, withCall);
  const [, ...frames] = (callers.stack ?? "").split("\n");
  own.stack = [`${own.name}: ${own.message}`, `    in ${name} of ${destination} at ${path}`, ...frames].join("\n");
  return own;
}
