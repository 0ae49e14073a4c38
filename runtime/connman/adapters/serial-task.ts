import { type Debounced, type DebounceOptions, debounce } from "@dbus-codegen-ts/runtime/async";

/** A task that runs once after each burst of requests, and never twice at the same time. */
export class SerialTask {
  readonly #task: () => Promise<void>;
  readonly #runDebounced: Debounced;
  #running: Promise<void> | undefined;
  #isRequestedDuringRun = false;
  #isClosed = false;

  /** @param task - Must not reject. */
  constructor(task: () => Promise<void>, delays: DebounceOptions) {
    this.#task = task;
    this.#runDebounced = debounce(() => void this.#run(), delays);
  }

  /** Requests a run that starts after this call. Has no effect after `close`. */
  request(): void {
    if (this.#running !== undefined) this.#isRequestedDuringRun = true;
    else if (!this.#isClosed) this.#runDebounced();
  }

  /** Prevents further runs. Resolves after the present run has ended. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#runDebounced.cancel();
    await this.#running;
  }

  async #run(): Promise<void> {
    this.#isRequestedDuringRun = false;
    this.#running = this.#task();
    await this.#running;
    this.#running = undefined;
    if (this.#isRequestedDuringRun) this.request();
  }
}
