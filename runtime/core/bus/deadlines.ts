import { MAX_TIMER_MS } from "../async.ts";
/** An item with a deadline, which is a time as `performance.now()` returns it. */
export interface Expiring {
  readonly deadline: number;
  /** Called when the deadline has passed. Must remove the item; must not throw. */
  expire(): void;
}

/** Minimum time between two checks of all items, in milliseconds. */
const CHECK_INTERVAL_MS = 4;

/**
 * Expires items at their deadlines. All items share one timer, because setting one timer per item would take more time
 * than all other work for a call.
 */
export class Deadlines {
  readonly #items: () => Iterable<Expiring>;
  #timer: NodeJS.Timeout | undefined;
  #wakesAt = Number.POSITIVE_INFINITY;

  /** @param items - Returns all items that have not expired. */
  constructor(items: () => Iterable<Expiring>) {
    this.#items = items;
  }

  /** Sets the timer for the deadline of a new item. */
  add(deadline: number): void {
    if (deadline < this.#wakesAt) this.#wakeAt(deadline);
  }

  /** Stops the timer. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#wakesAt = Number.POSITIVE_INFINITY;
  }

  #wakeAt(time: number): void {
    clearTimeout(this.#timer);
    this.#wakesAt = time;
    const delay = Math.min(Math.max(time - performance.now(), CHECK_INTERVAL_MS / 4), MAX_TIMER_MS);
    this.#timer = setTimeout(() => this.#wake(), Math.ceil(delay));
    this.#timer.unref();
  }

  #wake(): void {
    this.#wakesAt = Number.POSITIVE_INFINITY;
    const now = performance.now();
    let next = Number.POSITIVE_INFINITY;
    for (const item of [...this.#items()]) {
      if (item.deadline <= now) item.expire();
      else next = Math.min(next, item.deadline);
    }
    if (next < Number.POSITIVE_INFINITY) this.add(Math.max(next, now + CHECK_INTERVAL_MS));
  }
}
