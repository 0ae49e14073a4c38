import { MAX_TIMER_MS } from "@dbus-codegen-ts/runtime/async";

/** A monotonic clock with timers. */
export interface Clock {
  /** Returns milliseconds since a fixed time; never decreases. */
  nowMs(): number;
  /** Calls `callback` once after a delay in milliseconds. Returns a function that cancels the call. */
  after(delayMs: number, callback: () => void): () => void;
}

/** The clock of the system. Its timers do not keep the process alive. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, Math.min(delayMs, MAX_TIMER_MS)).unref();
    return () => clearTimeout(timer);
  },
};
