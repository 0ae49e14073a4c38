/** Delays between the attempts of an account to connect. */
export interface RetryOptions {
  /**
   * Milliseconds before the second attempt: 3,000 by default. The delay doubles with each further attempt; a random
   * part is subtracted.
   */
  readonly minDelay?: number;
  /** Maximum delay in milliseconds: 300,000 (five minutes) by default. */
  readonly maxDelay?: number;
}

/**
 * Returns the milliseconds to wait after a number of consecutive failures. The delay doubles with each failure. A
 * random part of up to one half is subtracted, so that accounts on the same server do not reconnect at the same
 * time.
 *
 * @param failures - Number of failed attempts, at least 1.
 * @param random - Number from 0 to 1.
 */
export function retryDelayMs(failures: number, options: RetryOptions, random: number = Math.random()): number {
  const { minDelay = 3_000, maxDelay = 300_000 } = options;
  const delay = Math.min(maxDelay, minDelay * 2 ** Math.min(failures - 1, 30));
  return delay * (0.5 + random / 2);
}
