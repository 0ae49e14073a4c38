/** A monotonic clock with timers. */
export interface Clock {
  /** Returns milliseconds since a fixed time; never decreases. */
  nowMs(): number;
  /** Calls `callback` once after a delay in milliseconds. Returns a function that cancels the call. */
  after(delayMs: number, callback: () => void): () => void;
}

/** Longest delay in milliseconds that a Node.js timer accepts. */
const MAX_TIMER_DELAY_MS = 2 ** 31 - 1;

/** The clock of the system. Its timers do not keep the process alive. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, Math.min(delayMs, MAX_TIMER_DELAY_MS)).unref();
    return () => clearTimeout(timer);
  },
};
