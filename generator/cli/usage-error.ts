/** A wrong call of the tool; its message is for the user and the exit code is 2. */
export class UsageError extends Error {}
