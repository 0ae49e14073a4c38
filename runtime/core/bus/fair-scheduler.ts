import type { ErrorHook } from "../hooks.ts";
import type { Steps } from "../wire/codec.ts";

/** Length of the period for which the time of a sender is counted. */
const WINDOW_MS = 20;
/** Time per window for which work is done immediately; equal shares of it are for the senders of the window. */
const IMMEDIATE_MS = 5;
/**
 * Time after which waiting work yields to the event loop, so that the process reads from the bus and writes to it. It is
 * short while messages arrive, because the bus delivers a call of another sender only after the messages in front of it.
 */
const SHORT_SLICE_MS = 0.5;
/** Longest time after which waiting work yields. It doubles after each slice in which no message arrives, up to this time. */
const LONG_SLICE_MS = 2;

/**
 * Time that the bus takes to deliver a call and its reply, in milliseconds. It counts as time of the sender, if there are
 * several.
 */
const DELIVERY_MS = 0.02;

/** Work for one message. */
interface Work {
  /** Does the work for about one turn. Returns false if it is not finished. */
  readonly run: () => unknown;
  /** Called if the work is dropped before it is finished. */
  readonly drop: () => void;
}

/**
 * Divides time among senders. The work for a message is done immediately unless its sender has used up its share, which
 * is smaller the more senders there are, so that a sender of few messages never waits for all others. Then the work of the
 * sender waits in order, and the waiting senders take turns. Work that takes longer than a turn continues at the sender's
 * next turn. Work handles its errors itself; one that it does not handle ends only this work, because
 * between messages no caller could catch it.
 */
export class FairScheduler {
  readonly #spentMs = new Map<string, number>();
  readonly #waiting = new Map<string, Work[]>();
  #windowEnd = 0;
  /** Number of senders in the previous window. */
  #formerSenders = 0;
  #isScheduled = false;
  /** Length of the next slice. The turn of one sender takes at most as long. */
  #sliceMs = SHORT_SLICE_MS;
  readonly #onError: ErrorHook;
  readonly #now: () => number;
  readonly #whenReady: (next: () => void) => unknown;

  /**
   * @param onError - Called with errors that work does not handle. Must not throw.
   * @param whenReady - Calls a function when the results of earlier work have been taken. Waiting work is continued only
   * then while there are several senders.
   * @param now - Returns the time in milliseconds from any origin.
   */
  constructor(
    onError: ErrorHook,
    whenReady: (next: () => void) => unknown = (next) => next(),
    now = () => performance.now(),
  ) {
    this.#onError = onError;
    this.#whenReady = whenReady;
    this.#now = now;
  }

  /** Returns whether work of the sender waits, so that further work must wait too. */
  isWaiting(sender: string): boolean {
    return this.#waiting.has(sender);
  }

  /** Returns whether the next work of the sender has to wait. */
  mustWait(sender: string): boolean {
    if (this.isWaiting(sender)) return true;
    const spent = this.#spentMs.get(sender);
    if (spent === undefined || spent < IMMEDIATE_MS / this.#senders) return false;
    return this.#now() < this.#windowEnd;
  }

  /** Number of senders in this window or the previous one, whichever had more. */
  get #senders(): number {
    return Math.max(this.#formerSenders, this.#spentMs.size);
  }

  /** Time that each work takes elsewhere. A single sender delays no other one. */
  get #deliveryMs(): number {
    return this.#senders > 1 ? DELIVERY_MS : 0;
  }

  /** Returns the time, and begins a new window if the present one has ended. */
  #enterWindow(): number {
    const now = this.#now();
    if (now >= this.#windowEnd) {
      this.#formerSenders = this.#spentMs.size;
      this.#spentMs.clear();
      for (const sender of this.#waiting.keys()) this.#spentMs.set(sender, 0);
      this.#windowEnd = now + WINDOW_MS;
    }
    return now;
  }

  /** Does work immediately and counts its time. Throws what the work throws. */
  run(sender: string, work: () => void): void {
    const start = this.#enterWindow();
    this.#sliceMs = SHORT_SLICE_MS;
    work();
    this.#spentMs.set(sender, (this.#spentMs.get(sender) ?? 0) + this.#now() - start + this.#deliveryMs);
  }

  /**
   * Does work at its sender's turn.
   *
   * @param drop - Called if `clear` removes the work before its turn.
   */
  wait(sender: string, work: () => void, drop: () => void = () => undefined): void {
    this.#sliceMs = SHORT_SLICE_MS;
    this.#worksOf(sender).push({ run: work, drop });
    this.#schedule();
  }

  /**
   * Runs work that pauses between its steps. The first steps run now, the others at the turns of the sender, before its
   * other work. `clear` ends the work early.
   */
  runInSteps(sender: string, steps: Steps<void>): void {
    const run = (): boolean => {
      for (const end = this.#now() + this.#sliceMs; this.#now() < end; ) if (steps.next().done === true) return true;
      return false;
    };
    this.#takeTurnOf({ run, drop: () => void steps.return() }, sender);
  }

  /** Does all waiting work of a sender now. */
  finish(sender: string): void {
    while (this.isWaiting(sender)) this.#takeTurn(sender);
  }

  /** Drops all waiting work and resets the counted time of all senders. */
  clear(): void {
    this.#spentMs.clear();
    const dropped = [...this.#waiting];
    this.#waiting.clear();
    for (const [sender, works] of dropped) for (const { drop } of works) this.#attempt(drop, sender);
  }

  /** Does work for one turn. Unless it is finished or has failed, it becomes the first waiting work of its sender. */
  #takeTurnOf(work: Work, sender: string): void {
    if (this.#attempt(work.run, sender) !== false) return;
    this.#worksOf(sender).unshift(work);
    this.#schedule();
  }

  /** Calls a function of a work and reports an error, which no caller would catch. Returns undefined in that case. */
  #attempt(call: () => unknown, sender: string): unknown {
    try {
      return call();
    } catch (error) {
      this.#onError(error, { kind: "message", sender });
      return undefined;
    }
  }

  #worksOf(sender: string): Work[] {
    const works = this.#waiting.get(sender) ?? [];
    if (works.length === 0) this.#waiting.set(sender, works);
    return works;
  }

  #schedule(): void {
    if (this.#isScheduled || this.#waiting.size === 0) return;
    this.#isScheduled = true;
    const next = (): unknown => setImmediate(() => this.#takeTurns());
    if (this.#senders > 1) this.#whenReady(next);
    else next();
  }

  /** Lets the senders take turns for one slice, then yields, because the next message may be of a sender that need not wait. */
  #takeTurns(): void {
    this.#isScheduled = false;
    let end = this.#enterWindow() + this.#sliceMs;
    this.#sliceMs = Math.min(2 * this.#sliceMs, LONG_SLICE_MS);
    // A turn moves its sender to the end, so the loop visits it a second time after all others.
    for (const sender of this.#waiting.keys()) {
      this.#takeTurn(sender);
      end -= this.#deliveryMs;
      if (this.#now() >= end) break;
    }
    this.#schedule();
  }

  #takeTurn(sender: string): void {
    const works = this.#waiting.get(sender);
    const work = works?.shift();
    if (works === undefined || work === undefined) return;
    // Moves the sender to the end, so that senders without a turn in this slice come first in the next.
    this.#waiting.delete(sender);
    if (works.length > 0) this.#waiting.set(sender, works);
    this.#takeTurnOf(work, sender);
  }
}
