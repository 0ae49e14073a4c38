/**
 * Received bytes that are not a valid D-Bus message. The connection that received them ends. If only the arguments are
 * invalid, the call that a reply belongs to fails with this error, and a signal is dropped.
 */
export class MalformedMessageError extends Error {
  override readonly name = "MalformedMessageError";
}

/** The reason why file descriptors are neither sent nor received. */
export const NO_DESCRIPTORS = "file descriptors cannot pass over this connection: it needs koffi and a Unix socket";

/** A received value of type `h` whose file descriptor is missing or already taken. The rest of the message is valid. */
export class MissingDescriptorError extends Error {
  override readonly name = "MissingDescriptorError";

  constructor() {
    super(`the message carries no file descriptor for a value of type h, or ${NO_DESCRIPTORS}`);
  }
}

/**
 * A value, name, path or signature that cannot be sent. It is thrown before anything is sent, and the connection
 * remains usable. Its message contains the location of the value, as in `argument "options"["Volume"]: expected …`.
 */
export class InvalidValueError extends TypeError {
  override readonly name = "InvalidValueError";

  /** The problem, without the location of the value. */
  readonly reason: string;
  /** Location of the value, from the argument inwards; empty if it is not part of another value. */
  where = "";

  constructor(reason: string) {
    super(reason);
    this.reason = reason;
  }
}

/** A value that exceeds the longest array or message. */
export class ValueTooLargeError extends InvalidValueError {}

/** Prefixes the location of an InvalidValueError with an outer location, and returns it. Other errors are unchanged. */
export function addLocation(location: string, error: unknown): unknown {
  if (error instanceof InvalidValueError) {
    error.where = location + error.where;
    error.message = `${error.where}: ${error.reason}`;
  }
  return error;
}

/** Most characters of a peer's text that an error message contains. */
const MAX_EXCERPT_LENGTH = 64;

/**
 * Returns the beginning of a text for an error message. A peer chooses the length of its texts, and an error reply must
 * not be larger than the call.
 */
export function excerpt(text: string): string {
  return text.length <= MAX_EXCERPT_LENGTH ? text : `${text.slice(0, MAX_EXCERPT_LENGTH)}…`;
}

/** Returns the beginning of a text in quotes for an error message, with control characters escaped. */
export function quoted(text: string): string {
  return JSON.stringify(excerpt(text));
}

/** Returns the description of an invalid value for an error message: its text if that is short, otherwise its type. */
export function describeValue(value: unknown): string {
  if (typeof value === "string") {
    return value.length <= MAX_EXCERPT_LENGTH ? JSON.stringify(value) : `a string of ${value.length} characters`;
  }
  if (typeof value === "bigint") return `${value}n`;
  if (value === null || typeof value !== "object") return typeof value === "function" ? "a function" : String(value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  const valueClass: unknown = Reflect.get(value, "constructor");
  return typeof valueClass === "function" && valueClass.name !== "Object"
    ? `an object of class ${valueClass.name}`
    : "an object";
}
