import { DBusError } from "../errors.ts";
import { DisconnectedError } from "../standard-errors.ts";
import type { Request } from "./request.ts";

/**
 * Adds the called member to a DBusError, and the callers that wait for the call to its stack. Returns other errors
 * unchanged.
 *
 * Must be called in an async function after the `await` that threw the error: then V8 knows the callers, and calls that
 * succeed have no additional cost.
 */
export function withCall(error: unknown, request: Request): unknown {
  if (!(error instanceof DBusError)) return error;
  // All calls that end with a connection share one error, so each gets a separate one.
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
