/** A subscription to signals or changes, which lasts until `close`. */
export interface Subscription extends AsyncDisposable {
  /**
   * Ends the subscription. Resolves when the bus has removed the match rule, if no other subscription needs the rule.
   * Does nothing if the subscription is already closed.
   */
  close(): Promise<void>;
}

/** Returns a subscription that calls `end` once. */
export function createSubscription(end: () => Promise<void>): Subscription {
  let ended: Promise<void> | undefined;
  const close = (): Promise<void> => {
    ended ??= end();
    return ended;
  };
  return { close, [Symbol.asyncDispose]: close };
}
