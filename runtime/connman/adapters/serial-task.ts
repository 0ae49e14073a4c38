import { type Debounced, type DebounceOptions, debounce } from "@dbus-codegen-ts/runtime/async";

export interface SerialTaskOptions extends DebounceOptions {
  /**
   * Whether the first request of a burst runs the task at once. A second run follows after the burst in any case.
   * Default: false.
   */
  readonly runsAtOnce?: boolean;
}

/** A task that runs once after each burst of requests, and never twice at the same time. */
export class SerialTask {
  readonly #task: () => Promise<void>;
  readonly #runDebounced: Debounced;
  readonly #runsAtOnce: boolean;
  readonly #quietMs: number;
  /** Time at which the last run ended, as `performance.now()` returns it. */
  #lastRunEndMs = Number.NEGATIVE_INFINITY;
  #isDelayed = false;
  #running: Promise<void> | undefined;
  #isRequestedDuringRun = false;
  #isClosed = false;

  /** @param task - Must not reject. */
  constructor(task: () => Promise<void>, { runsAtOnce = false, ...delays }: SerialTaskOptions) {
    this.#task = task;
    this.#runsAtOnce = runsAtOnce;
    this.#quietMs = delays.quietMs;
    this.#runDebounced = debounce(() => void this.#run(), delays);
  }

  /** Requests a run that starts after this call. Has no effect after `close`. */
  request(): void {
    if (this.#running !== undefined) this.#isRequestedDuringRun = true;
    else if (this.#isClosed) return;
    else if (this.#runsAtOnce && !this.#isDelayed && performance.now() - this.#lastRunEndMs > this.#quietMs) {
      void this.#run();
    } else {
      this.#isDelayed = true;
      this.#runDebounced();
    }
  }

  /** Prevents further runs. Resolves after the present run has ended. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#runDebounced.cancel();
    await this.#running;
  }

  async #run(): Promise<void> {
    this.#isDelayed = false;
    this.#isRequestedDuringRun = false;
    this.#running = this.#task();
    await this.#running;
    this.#running = undefined;
    this.#lastRunEndMs = performance.now();
    if (this.#isRequestedDuringRun) this.request();
  }
}
