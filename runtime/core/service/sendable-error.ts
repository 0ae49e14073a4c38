import { DBusError } from "../errors.ts";
import { MAX_ERROR_TEXT_LENGTH } from "../wire/limits.ts";
import { isErrorName } from "../wire/name-syntax.ts";

/** Name and text of an error reply. */
export type SendableError = Pick<DBusError, "errorName" | "message">;

/**
 * Returns the name and text of a DBusError; undefined for any other value, and for a DBusError with an invalid name or
 * text. Never throws, although reading a thrown value can run any code.
 */
export function sendableError(thrown: unknown): SendableError | undefined {
  try {
    if (!(thrown instanceof DBusError)) return undefined;
    const errorName: unknown = thrown.errorName;
    const message: unknown = thrown.message;
    if (typeof errorName !== "string" || !isErrorName(errorName)) return undefined;
    if (typeof message !== "string" || message.length > MAX_ERROR_TEXT_LENGTH) return undefined;
    return { errorName, message };
  } catch {
    return undefined;
  }
}
