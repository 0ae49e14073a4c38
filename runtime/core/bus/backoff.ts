import { describeValue, InvalidValueError } from "../wire/errors.ts";

/** Delays between attempts to reconnect. */
export interface ReconnectOptions {
  /** Milliseconds before the first attempt: 100 by default. The delay doubles after each attempt, with jitter. */
  readonly minDelay?: number;
  /**
   * Longest delay between two attempts, in milliseconds: 10 000 by default. If a connection lasts for less than this
   * time, the next delay is doubled, too, so a bus that accepts and drops connections is not called in a loop.
   */
  readonly maxDelay?: number;
}

/** Shortest and longest delay between two attempts, in milliseconds. */
export interface Backoff {
  readonly minDelay: number;
  readonly maxDelay: number;
}

/** Returns the options with defaults. Throws InvalidValueError if a delay is not a finite number from 0. */
export function backoffOf({ minDelay = 100, maxDelay = 10_000 }: ReconnectOptions): Backoff {
  for (const [name, delay] of Object.entries({ minDelay, maxDelay })) {
    if (!(delay >= 0 && delay < Number.POSITIVE_INFINITY))
      throw new InvalidValueError(`reconnect.${name}: expected milliseconds from 0, got ${describeValue(delay)}`);
  }
  return { minDelay, maxDelay };
}

/**
 * Returns the milliseconds to wait after a number of failed attempts. The delay doubles with each attempt up to
 * `maxDelay`. A random part of up to half the delay is subtracted, so that clients that lost the same bus do not
 * reconnect at the same time.
 */
export function delayAfter(failures: number, { minDelay, maxDelay }: Backoff, random: number = Math.random()): number {
  const longest = Math.min(maxDelay, minDelay * 2 ** Math.min(failures, 30));
  return longest * (0.5 + random / 2);
}

/** Computes the delays before the attempts to reconnect one connection. */
export class ReconnectDelays {
  readonly #backoff: Backoff;
  /** Number of attempts since the last connection that lasted for at least `maxDelay`. */
  #attempts = 0;

  constructor(backoff: Backoff) {
    this.#backoff = backoff;
  }

  /** Resets the delays if the connection has lasted for at least `maxDelay`. Called when a connection is lost. */
  onLost(durationMs: number): void {
    if (durationMs >= this.#backoff.maxDelay) this.#attempts = 0;
  }

  /** Returns the milliseconds to wait before the next attempt. */
  next(random?: number): number {
    return delayAfter(this.#attempts++, this.#backoff, random);
  }
}
