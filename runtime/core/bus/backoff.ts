import { describe, InvalidValueError } from "../wire/errors.ts";

/** How a lost connection is made again. */
export interface ReconnectOptions {
  /** Milliseconds before the first attempt: 100 by default. Each later attempt waits twice as long, with jitter. */
  readonly minDelay?: number;
  /** Longest wait between two attempts, in milliseconds: 10 000 by default. */
  readonly maxDelay?: number;
}

/** The bounds of the wait between two attempts, in milliseconds. */
export interface Backoff {
  readonly minDelay: number;
  readonly maxDelay: number;
}

/** Reads the options. Throws InvalidValueError for a delay that is not a finite number from 0. */
export function backoffOf({ minDelay = 100, maxDelay = 10_000 }: ReconnectOptions): Backoff {
  for (const [name, delay] of Object.entries({ minDelay, maxDelay })) {
    if (!(delay >= 0 && delay < Number.POSITIVE_INFINITY))
      throw new InvalidValueError(`reconnect.${name}: expected milliseconds from 0, got ${describe(delay)}`);
  }
  return { minDelay, maxDelay };
}

/**
 * Milliseconds to wait after a number of failed attempts: doubled with each, at most `maxDelay`, and of that between half
 * and all, so that clients that lost the same bus do not come back at the same time.
 */
export function delayAfter(failures: number, { minDelay, maxDelay }: Backoff, random: number = Math.random()): number {
  const whole = Math.min(maxDelay, minDelay * 2 ** Math.min(failures, 30));
  return whole * (0.5 + random / 2);
}
