/** Bytes from the peer that are not a D-Bus message. The connection they came from cannot go on. */
export class MalformedMessageError extends Error {
  override readonly name = "MalformedMessageError";
}

/** A value of type `h` came without the file descriptor it speaks of, or another took it. The message is otherwise sound. */
export class MissingDescriptorError extends Error {
  override readonly name = "MissingDescriptorError";

  constructor() {
    super("the message carries no file descriptor for a value of type h");
  }
}

/**
 * A value, name, path or signature that cannot be sent as D-Bus. It is thrown before anything is sent, the connection
 * is not touched, and its message says where the value stands, as in `argument "options"["Volume"]: expected …`.
 */
export class InvalidValueError extends TypeError {
  override readonly name = "InvalidValueError";

  /** What is wrong with the value, without where it stands. */
  readonly reason: string;
  /** Where the value stands, from the outside in; empty when it stands alone. */
  where = "";

  constructor(reason: string) {
    super(reason);
    this.reason = reason;
  }
}

/** A value that D-Bus could carry, were it not larger than an array or a message may be. */
export class ValueTooLargeError extends InvalidValueError {}

/** The error with one more outer place put before where it stands; other errors as they are. */
export function within(place: string, error: unknown): unknown {
  if (error instanceof InvalidValueError) {
    error.where = place + error.where;
    error.message = `${error.where}: ${error.reason}`;
  }
  return error;
}

/** How an unfit value is named in an error: its text where short and telling, else its type. */
export function describe(value: unknown): string {
  if (typeof value === "string")
    return value.length <= 64 ? JSON.stringify(value) : `a string of ${value.length} characters`;
  if (typeof value === "bigint") return `${value}n`;
  if (value === null || typeof value !== "object") return typeof value === "function" ? "a function" : String(value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  const made: unknown = Reflect.get(value, "constructor");
  return typeof made === "function" && made.name !== "Object" ? `an object of class ${made.name}` : "an object";
}
