import type { DisconnectedError } from "../standard-errors.ts";
import type { Subscription } from "./signal.ts";

type Args = readonly unknown[];
type Waiter = { readonly resolve: (result: IteratorResult<Args>) => void; readonly reject: (reason: unknown) => void };

/** Listens: gives signals to `onArgs` until closed, and the reason to `onEnd` when the connection ends. */
export type Listen = (
  onArgs: (args: Args) => void,
  onEnd: (reason: DisconnectedError) => void,
) => Promise<Subscription>;

/**
 * Signals as they are asked for, in order; those not asked for yet wait. It subscribes with the first `next`; `return`
 * ends it at once, also for a `next` that waits.
 */
export class SignalQueue implements AsyncIterableIterator<Args, undefined> {
  readonly #listen: Listen;
  readonly #queue: Args[] = [];
  readonly #waiters: Waiter[] = [];
  #subscribed: Promise<Subscription> | undefined;
  #end: DisconnectedError | "returned" | undefined;

  constructor(listen: Listen) {
    this.#listen = listen;
  }

  async next(): Promise<IteratorResult<Args, undefined>> {
    if (this.#end === undefined) {
      this.#subscribed ??= this.#listen(
        (args) => this.#push(args),
        (reason) => this.#finish(reason),
      );
      await this.#subscribed;
    }
    const args = this.#queue.shift();
    if (args !== undefined) return { done: false, value: args };
    if (this.#end === "returned") return { done: true, value: undefined };
    if (this.#end !== undefined) throw this.#end;
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  async return(): Promise<IteratorResult<Args, undefined>> {
    this.#queue.length = 0;
    this.#finish("returned");
    const subscription = await this.#subscribed?.catch(() => undefined);
    await subscription?.close();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #push(args: Args): void {
    const waiter = this.#waiters.shift();
    if (waiter === undefined) this.#queue.push(args);
    else waiter.resolve({ done: false, value: args });
  }

  #finish(end: DisconnectedError | "returned"): void {
    this.#end ??= end;
    for (const waiter of this.#waiters.splice(0)) {
      if (end === "returned") waiter.resolve({ done: true, value: undefined });
      else waiter.reject(end);
    }
  }
}
