/**
 * Received bytes that are not a valid D-Bus message. The connection that received the bytes ends. If only the arguments
 * are invalid, the connection remains: the call fails with this error if the message is a reply, and a signal is
 * dropped.
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
    super(`a value of type h has no file descriptor, or ${NO_DESCRIPTORS}`);
  }
}

/**
 * A value, name, path or signature that cannot be sent. The error is thrown before anything is sent, and the connection
 * remains usable. The error message contains the location of the value, as in `argument "options"["Volume"]: expected
 * …`.
 */
export class InvalidValueError extends TypeError {
  override readonly name = "InvalidValueError";

  /** Description of the problem without the location of the value. */
  readonly reason: string;
  /**
   * Location of the value, from the argument to the innermost value; empty if the value is not part of another value.
   */
  where = "";

  constructor(reason: string) {
    super(reason);
    this.reason = reason;
  }
}

/** A value that makes an array or a message too long. */
export class ValueTooLargeError extends InvalidValueError {}

/**
 * Adds an outer location before the location of an InvalidValueError, and returns the error. Returns other errors
 * unchanged.
 */
export function addLocation(location: string, error: unknown): unknown {
  if (error instanceof InvalidValueError) {
    error.where = location + error.where;
    error.message = `${error.where}: ${error.reason}`;
  }
  return error;
}

/** Maximum number of characters of a peer's text in an error message. */
const MAX_EXCERPT_LENGTH = 64;

/**
 * Returns the beginning of a text for an error message. Peers choose the length of their texts, and an error reply must
 * not be larger than the call.
 */
export function excerpt(text: string): string {
  return text.length <= MAX_EXCERPT_LENGTH ? text : `${text.slice(0, MAX_EXCERPT_LENGTH)}…`;
}

/** Returns the beginning of a text in quotes for an error message, with control characters escaped. */
export function quoted(text: string): string {
  return JSON.stringify(excerpt(text));
}

/**
 * Returns the description of an invalid value for an error message: the value as text if it is short, otherwise its
 * type.
 */
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
