/** How long an account waits before it tries to connect again after a network error. */
export interface RetryOptions {
  /** Milliseconds before the second attempt: 3 000 by default. Each later wait is twice as long, with jitter. */
  readonly minDelay?: number;
  /** Longest wait, in milliseconds: 300 000, which is five minutes, by default. */
  readonly maxDelay?: number;
}

/**
 * Milliseconds to wait after a number of failed attempts from 1: doubled with each, and of that between half and all, so
 * that accounts of the same server do not come back at the same time.
 */
export function retryDelay(failures: number, options: RetryOptions, random: number = Math.random()): number {
  const { minDelay = 3_000, maxDelay = 300_000 } = options;
  const whole = Math.min(maxDelay, minDelay * 2 ** Math.min(failures - 1, 30));
  return whole * (0.5 + random / 2);
}
