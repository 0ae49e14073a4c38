import type { ErrorHook } from "../hooks.ts";
import type { Steps } from "../wire/codec.ts";

/** Length of a window, in milliseconds. The time that senders have used is counted per window. */
const WINDOW_MS = 20;
/** Time per window in which work is done immediately. It is divided into equal shares for the senders of the window. */
const IMMEDIATE_MS = 5;
/**
/**
 * Time after which waiting work yields to the event loop, so that the process reads from the bus and writes to it. The
 * time is short, because the bus delivers a call of another sender only after earlier messages were read.
 */
const SLICE_MS = 0.5;
/**
 * Time of the slices of all senders together, if there is a light sender. The bus reads the replies of a slice before
 * the reply to the light sender, and each sender answers them with further calls.
 */
const SHARED_SLICE_MS = 1;
/** Time after which a turn ends. The bus and a sender handle several replies to the sender together in less time. */
const TURN_MS = 0.12;

/**
 * Time that the bus takes to deliver a call and its reply, in milliseconds. If there are several senders, this time is
 * added to the time of the sender.
 */
const DELIVERY_MS = 0.02;

/** Number of windows for which a sender that has not used up its share is considered after its last message. */
const LIGHT_WINDOWS = 10;
/** Number of slices that can be done before the results of the first slice are read, if there is no light sender. */
const MAX_UNREAD_SLICES = 8;

/** Work for one message. */
interface Work {
  /** Does a part of the work, which takes about one turn. Returns false if the work is not finished. */
  readonly run: () => unknown;
  /** Called if the work is dropped before it is finished. */
  readonly drop: () => void;
}

/**
 * Divides time among senders, so that a sender of few messages does not wait for senders of many messages. The time of
 * a window is divided into equal shares for its senders. The work for a message is done immediately, unless its sender
 * has used up its share. Then the work of the sender waits in order, and the waiting senders take turns. Work that
 * takes longer than a turn continues at the sender's next turn. Waiting work pauses until the bus has read earlier
 * replies: after each slice if there is a light sender, otherwise after several slices. A light sender has not used up
 * its share. Work must handle its errors: an unhandled error is reported and ends only this work, because no caller
 * could catch it.
 */
export class FairScheduler {
  readonly #spentMs = new Map<string, number>();
  readonly #waiting = new Map<string, Work[]>();
  #windowEnd = 0;
  /** Number of senders in the previous window. */
  #formerSenders = 0;
  #isScheduled = false;
  /** Number of windows for which there is a light sender, if above 0. */
  #lightWindows = 0;
  /** Number of slices whose results are not read yet. */
  #unread = 0;
  readonly #onError: ErrorHook;
  readonly #now: () => number;
  readonly #whenRead: (next: () => void) => unknown;

  /**
   * @param onError - Called with errors that work does not handle. Must not throw.
   * @param whenRead - Calls a function when the results of all earlier work have been read. Called after each slice,
   * while there are several senders.
   * @param now - Returns the time in milliseconds from any origin.
   */
  constructor(
    onError: ErrorHook,
    whenRead: (next: () => void) => unknown = (next) => next(),
    now = () => performance.now(),
  ) {
    this.#onError = onError;
    this.#whenRead = whenRead;
    this.#now = now;
  }

  /** Returns whether work of the sender waits, so that further work must wait too. */
  isWaiting(sender: string): boolean {
    return this.#waiting.has(sender);
  }

  /** Returns whether the next work of the sender has to wait. */
  mustWait(sender: string): boolean {
    return this.#isHeavy(sender) && (this.isWaiting(sender) || this.#now() < this.#windowEnd);
  }

  /** Returns whether work of the sender waits, or it has used up its share of the window. */
  #isHeavy(sender: string): boolean {
    return this.isWaiting(sender) || (this.#spentMs.get(sender) ?? 0) >= IMMEDIATE_MS / this.#senders;
  }

  /** Number of senders in this window or in the previous window, whichever is larger. */
  get #senders(): number {
    return Math.max(this.#formerSenders, this.#spentMs.size);
  }

  /** Returns the present time. Begins a new window if the previous window has ended. */
  #enterWindow(): number {
    const now = this.#now();
    if (now >= this.#windowEnd) {
      this.#lightWindows--;
      for (const sender of this.#spentMs.keys()) if (!this.#isHeavy(sender)) this.#lightWindows = LIGHT_WINDOWS;
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
    work();
    this.#count(sender, start);
  }

  /**
   * Adds work, which is done at the turn of its sender.
   *
   * @param drop - Called if `clear` removes the work before its turn.
   */
  wait(sender: string, work: () => void, drop: () => void = () => undefined): void {
    this.#worksOf(sender).push({ run: work, drop });
    this.#schedule();
  }

  /**
   * Runs work that can pause between its steps, for at most one slice per turn. The first steps run now, the others at
   * the turns of the sender, before its other work. `clear` ends the work early.
   */
  runInSteps(sender: string, steps: Steps<void>): void {
    const run = (): boolean => {
      for (const end = this.#now() + SLICE_MS; this.#now() < end; ) if (steps.next().done === true) return true;
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

  /** Does work for one turn. Work that is neither finished nor failed becomes the first waiting work of its sender. */
  #takeTurnOf(work: Work, sender: string): void {
    if (this.#attempt(work.run, sender) !== false) return;
    this.#worksOf(sender).unshift(work);
    this.#schedule();
  }

  /** Calls `run` or `drop` of a work. Reports an error, because no caller would catch it, and returns undefined. */
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
    this.#waiting.set(sender, works);
    return works;
  }

  /** Counts the time of work that began at a time. Returns its length, with the time of the bus. */
  #count(sender: string, start: number): number {
    // A single sender delays no other one.
    const timeMs = this.#now() - start + (this.#senders > 1 ? DELIVERY_MS : 0);
    this.#spentMs.set(sender, (this.#spentMs.get(sender) ?? 0) + timeMs);
    return timeMs;
  }

  #schedule(): void {
    if (this.#isScheduled || this.#waiting.size === 0) return;
    if (this.#unread >= (this.#lightWindows > 0 ? 1 : MAX_UNREAD_SLICES)) return;
    this.#isScheduled = true;
    setImmediate(() => this.#takeTurns());
  }

  /**
   * Lets the senders take turns for one slice, then yields, because the next message may be of a sender that must not
   * wait.
   */
  #takeTurns(): void {
    this.#isScheduled = false;
    this.#enterWindow();
    let leftMs = this.#lightWindows > 0 ? SHARED_SLICE_MS / this.#senders : SLICE_MS;
    // A turn moves its sender to the end, so the loop visits it a second time after all others.
    for (const sender of this.#waiting.keys()) {
      leftMs -= this.#takeTurn(sender);
      if (leftMs <= 0) break;
    }
    if (this.#senders > 1) {
      this.#unread++;
      this.#whenRead(() => {
        this.#unread--;
        this.#schedule();
      });
    }
    this.#schedule();
  }

  /** Does waiting work of a sender for one turn. Returns the time that it took. */
  #takeTurn(sender: string): number {
    let takenMs = 0;
    do {
      const works = this.#waiting.get(sender);
      const work = works?.shift();
      if (!works || !work) break;
      const start = this.#now();
      // Moves the sender to the end, so that senders without a turn in this slice come first in the next.
      this.#waiting.delete(sender);
      if (works.length > 0) this.#waiting.set(sender, works);
      this.#takeTurnOf(work, sender);
      takenMs += this.#count(sender, start);
    } while (takenMs < TURN_MS);
    return takenMs;
  }
}
