/** Milliseconds without a request after which the task runs. */
const QUIET = 50;
/** Milliseconds after which it runs although requests keep coming. */
const PATIENCE = 500;

/** Runs a task some time after it was asked for: once for a burst of requests, and never twice at the same time. */
export class CoalescedTask {
  readonly #task: () => Promise<void>;
  /** When the oldest request came that is still to be served, as `performance.now` gives it. */
  #since: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #closed = false;

  /** @param task - Never rejects. */
  constructor(task: () => Promise<void>) {
    this.#task = task;
  }

  /** Asks for a run that starts after this call. */
  request(): void {
    if (this.#closed) return;
    const now = performance.now();
    this.#since ??= now;
    // While it runs, the end of the run sets the timer.
    if (this.#running === undefined) this.#schedule(Math.min(QUIET, this.#since + PATIENCE - now));
  }

  /** Lets a run come to its end; no other will start. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #schedule(delay: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#start(), delay).unref();
  }

  #start(): void {
    this.#since = undefined;
    this.#running = this.#task().finally(() => {
      this.#running = undefined;
      if (this.#since !== undefined && !this.#closed) this.#schedule(QUIET);
    });
  }
}
