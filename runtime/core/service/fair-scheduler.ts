import { performance } from "node:perf_hooks";

/** Length of the period for which handler time is counted. */
const WINDOW_MS = 20;
/** Handler time per window after which further calls of a sender wait. */
const SHARE_MS = 5;
/** Time after which waiting calls yield to the event loop, so that the process reads from the bus. */
const SLICE_MS = 5;

interface WaitingCall {
  readonly run: () => void;
  readonly drop: () => void;
}

/**
 * Divides handler time among senders. A call runs immediately unless its sender has used up its share. Then the calls of
 * the sender wait in order, and the waiting senders take turns.
 */
export class FairScheduler {
  readonly #spentMs = new Map<string, number>();
  readonly #waiting = new Map<string, WaitingCall[]>();
  #windowEnd = 0;
  #isScheduled = false;
  readonly #now: () => number;

  /** @param now - Returns the time in milliseconds from any origin. */
  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  /** Returns whether the next call of the sender has to wait. */
  mustWait(sender: string): boolean {
    if (this.#waiting.size > 0 && this.#waiting.has(sender)) return true;
    const spent = this.#spentMs.get(sender);
    if (spent === undefined || spent < SHARE_MS) return false;
    return this.#now() < this.#windowEnd;
  }

  /** Runs a call immediately and counts its time. The call must not throw. */
  run(sender: string, call: () => void): void {
    const start = this.#now();
    if (start >= this.#windowEnd) {
      this.#spentMs.clear();
      this.#windowEnd = start + WINDOW_MS;
    }
    call();
    this.#spentMs.set(sender, (this.#spentMs.get(sender) ?? 0) + this.#now() - start);
  }

  /**
   * Runs a call at its sender's turn. The call must not throw.
   *
   * @param drop - Called if `clear` removes the call before its turn.
   */
  wait(sender: string, run: () => void, drop: () => void = () => undefined): void {
    const call = { run, drop };
    const calls = this.#waiting.get(sender);
    if (calls === undefined) this.#waiting.set(sender, [call]);
    else calls.push(call);
    this.#schedule();
  }

  /** Drops all waiting calls and resets the counted time of all senders. */
  clear(): void {
    this.#spentMs.clear();
    for (const calls of this.#waiting.values()) for (const call of calls) call.drop();
    this.#waiting.clear();
  }

  #schedule(): void {
    if (this.#isScheduled || this.#waiting.size === 0) return;
    this.#isScheduled = true;
    setImmediate(() => this.#takeTurns());
  }

  /** Runs one call of each sender, then yields, because the next message may be of a sender that need not wait. */
  #takeTurns(): void {
    this.#isScheduled = false;
    const end = this.#now() + SLICE_MS;
    for (const [sender, calls] of [...this.#waiting]) {
      // Moves the sender to the end, so that senders without a turn in this slice come first in the next.
      this.#waiting.delete(sender);
      const call = calls.shift();
      if (calls.length > 0) this.#waiting.set(sender, calls);
      call?.run();
      if (this.#now() >= end) break;
    }
    this.#schedule();
  }
}
