/** What tells the time and wakes up. */
export interface Clock {
  /** Milliseconds since some moment; never goes back. */
  now(): number;
  /** Calls back once after some milliseconds. Returns what cancels it. */
  after(milliseconds: number, wake: () => void): () => void;
}

/** Longest delay that a timer of Node takes. */
const MAX_DELAY = 2 ** 31 - 1;

/** The clock of the machine. It does not keep the process alive. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(milliseconds, wake) {
    const timer = setTimeout(wake, Math.min(milliseconds, MAX_DELAY)).unref();
    return () => clearTimeout(timer);
  },
};
