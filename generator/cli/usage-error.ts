/** A wrong use of the tool. Its message is shown to the user without a stack, and the exit code is 2. */
export class UsageError extends Error {}
