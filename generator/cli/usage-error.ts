/** A wrong use of the tool. Its message is shown to the user without a stack, and the exit code is 2. */
export class UsageError extends Error {
  /** Lines that are shown below the message. */
  readonly details: readonly string[];

  constructor(
    message: string,
    { details = [], ...options }: ErrorOptions & { readonly details?: readonly string[] } = {},
  ) {
    super(message, options);
    this.details = details;
  }
}
