import { MAX_TIMER_MS } from "../async.ts";
/** Something that waits until a time, as `performance.now` gives it. */
export interface Waiting {
  readonly deadline: number;
  /** Takes it from those who wait; must not throw. */
  expire(): void;
}

/** Least time between two looks at those who wait, in milliseconds. */
const COARSENESS = 4;

/** Ends what waits at its deadline, by one timer for all: a timer for each would cost more than the rest of a call. */
export class Deadlines {
  readonly #waiting: () => Iterable<Waiting>;
  #timer: NodeJS.Timeout | undefined;
  #wakesAt = Number.POSITIVE_INFINITY;

  /** @param waiting - Those who wait now. */
  constructor(waiting: () => Iterable<Waiting>) {
    this.#waiting = waiting;
  }

  /** Sees to a deadline, of one who waits from now on. */
  add(deadline: number): void {
    if (deadline < this.#wakesAt) this.#wakeAt(deadline);
  }

  /** Sees to none any more. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#wakesAt = Number.POSITIVE_INFINITY;
  }

  #wakeAt(time: number): void {
    clearTimeout(this.#timer);
    this.#wakesAt = time;
    const delay = Math.min(Math.max(time - performance.now(), COARSENESS / 4), MAX_TIMER_MS);
    this.#timer = setTimeout(() => this.#wake(), Math.ceil(delay));
    this.#timer.unref();
  }

  #wake(): void {
    this.#wakesAt = Number.POSITIVE_INFINITY;
    const now = performance.now();
    let next = Number.POSITIVE_INFINITY;
    for (const one of [...this.#waiting()]) {
      if (one.deadline <= now) one.expire();
      else next = Math.min(next, one.deadline);
    }
    if (next < Number.POSITIVE_INFINITY) this.add(Math.max(next, now + COARSENESS));
  }
}
