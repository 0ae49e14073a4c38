import type { Subscription } from "../bus/subscription.ts";

/** A subscription that runs `end` once. */
export function subscription(end: () => Promise<void>): Subscription {
  let ended: Promise<void> | undefined;
  const close = (): Promise<void> => {
    ended ??= end();
    return ended;
  };
  return { close, [Symbol.asyncDispose]: close };
}
