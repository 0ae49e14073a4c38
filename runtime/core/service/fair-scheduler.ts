import { performance } from "node:perf_hooks";

/** Milliseconds in which handlers of one sender may run for `SHARE` milliseconds as its calls come. */
const WINDOW = 20;
const SHARE = 5;
/** Milliseconds after which waiting calls let the process read again, however many senders wait. */
const SLICE = 5;

interface WaitingCall {
  readonly run: () => void;
  readonly drop: () => void;
}

/**
 * Shares the time of handlers among senders. A call runs as it comes, unless its sender has used up its share: then its
 * calls wait, in their order, and those who wait take turns.
 */
export class FairScheduler {
  readonly #spent = new Map<string, number>();
  readonly #waiting = new Map<string, WaitingCall[]>();
  #windowEnd = 0;
  #scheduled = false;
  readonly #now: () => number;

  /** @param now - Milliseconds from any beginning. */
  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  /** Whether a call of the sender has to wait. */
  isLate(sender: string): boolean {
    if (this.#waiting.size > 0 && this.#waiting.has(sender)) return true;
    const spent = this.#spent.get(sender);
    if (spent === undefined || spent < SHARE) return false;
    return this.#now() < this.#windowEnd;
  }

  /** Runs a call now and counts its time. It must not throw. */
  run(sender: string, call: () => void): void {
    const start = this.#now();
    if (start >= this.#windowEnd) {
      this.#spent.clear();
      this.#windowEnd = start + WINDOW;
    }
    call();
    this.#spent.set(sender, (this.#spent.get(sender) ?? 0) + this.#now() - start);
  }

  /**
   * Runs a call when it is its sender's turn. It must not throw.
   *
   * @param drop - Called when its turn will not come.
   */
  wait(sender: string, run: () => void, drop: () => void = () => undefined): void {
    const call = { run, drop };
    const calls = this.#waiting.get(sender);
    if (calls === undefined) this.#waiting.set(sender, [call]);
    else calls.push(call);
    this.#schedule();
  }

  /** Drops all calls that wait, and forgets who has used how much. */
  clear(): void {
    this.#spent.clear();
    for (const calls of this.#waiting.values()) for (const call of calls) call.drop();
    this.#waiting.clear();
  }

  #schedule(): void {
    if (this.#scheduled || this.#waiting.size === 0) return;
    this.#scheduled = true;
    setImmediate(() => this.#takeTurns());
  }

  /** Runs one call of each sender, then lets the process read: what is read may be of somebody who need not wait. */
  #takeTurns(): void {
    this.#scheduled = false;
    const end = this.#now() + SLICE;
    for (const [sender, calls] of [...this.#waiting]) {
      // To the end of the order, so that who had no turn now is first next time.
      this.#waiting.delete(sender);
      const call = calls.shift();
      if (calls.length > 0) this.#waiting.set(sender, calls);
      call?.run();
      if (this.#now() >= end) break;
    }
    this.#schedule();
  }
}
