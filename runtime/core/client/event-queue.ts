import type { Subscription } from "../bus/subscription.ts";
import { LimitsExceededError } from "../standard-errors.ts";
import { describeValue, InvalidValueError } from "../wire/errors.ts";

const DEFAULT_LIMIT = 10_000;

/** Options of an iteration over events. */
export interface StreamOptions {
  /**
   * Maximum number of events that wait to be taken: 10 000 by default, `Infinity` for no limit. If more events wait,
   * the iteration first returns the waiting events, and then throws LimitsExceededError.
   */
  readonly limit?: number;
}

/**
 * Subscribes to events. Until the subscription is closed, passes events to `onEvent`. When no more events can follow,
 * passes the reason to `onEnd`.
 */
export type Listen<T> = (onEvent: (event: T) => void, onEnd: (reason: Error) => void) => Promise<Subscription>;

interface Waiter<T> {
  readonly resolve: (result: IteratorResult<T, undefined>) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Iterator over events in the order of their arrival. Events wait in a queue of limited length until they are taken. The
 * first call of `next` subscribes. `return` ends the iteration immediately, including pending calls of `next`.
 */
export class EventQueue<T> implements AsyncIterableIterator<T, undefined> {
  readonly #listen: Listen<T>;
  readonly #limit: number;
  readonly #queue: { readonly event: T }[] = [];
  readonly #waiters: Waiter<T>[] = [];
  #subscribed: Promise<Subscription> | undefined;
  #end: Error | "returned" | undefined;

  /** Throws InvalidValueError if the limit is not a number from 1. */
  constructor(listen: Listen<T>, { limit = DEFAULT_LIMIT }: StreamOptions = {}) {
    if (!(limit >= 1)) throw new InvalidValueError(`limit: expected a number from 1, got ${describeValue(limit)}`);
    this.#listen = listen;
    this.#limit = limit;
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    if (this.#end === undefined) {
      this.#subscribed ??= this.#listen(
        (event) => this.#push(event),
        (reason) => this.#finish(reason),
      );
      await this.#subscribed;
    }
    const first = this.#queue.shift();
    if (first !== undefined) return { done: false, value: first.event };
    if (this.#end === "returned") return { done: true, value: undefined };
    if (this.#end !== undefined) throw this.#end;
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.#queue.length = 0;
    this.#finish("returned");
    await this.#unsubscribe();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #push(event: T): void {
    if (this.#end !== undefined) return;
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) {
      waiter.resolve({ done: false, value: event });
    } else if (this.#queue.length < this.#limit) {
      this.#queue.push({ event });
    } else {
      this.#finish(new LimitsExceededError(`more than ${this.#limit} events wait to be read`));
      void this.#unsubscribe();
    }
  }

  #finish(end: Error | "returned"): void {
    this.#end ??= end;
    for (const waiter of this.#waiters.splice(0)) {
      if (end === "returned") waiter.resolve({ done: true, value: undefined });
      else waiter.reject(end);
    }
  }

  async #unsubscribe(): Promise<void> {
    const subscribed = await this.#subscribed?.catch(() => undefined);
    await subscribed?.close();
  }
}
