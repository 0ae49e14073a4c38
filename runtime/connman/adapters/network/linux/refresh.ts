/** Milliseconds that changes are gathered by default: one change of a cable is a dozen events. */
const SETTLE = 30;
/** Milliseconds after which a run that failed is tried again. */
const RETRY = 1_000;

/**
 * Runs something once after each burst of changes: never twice at the same time, and always again after a change that
 * came during a run. A run that fails is told and tried again.
 */
export class Refresh {
  readonly #run: () => Promise<void>;
  readonly #onError: (error: unknown) => void;
  readonly #settle: number;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #changedMeanwhile = false;
  #closed = false;

  /** @param settle - Milliseconds from the first change of a burst to the run. */
  constructor(run: () => Promise<void>, onError: (error: unknown) => void, settle = SETTLE) {
    this.#run = run;
    this.#onError = onError;
    this.#settle = settle;
  }

  /** Something has changed. */
  request(): void {
    if (this.#running !== undefined) this.#changedMeanwhile = true;
    else this.#schedule(this.#settle);
  }

  /** Resolves when nothing runs any more; nothing will. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #schedule(delay: number): void {
    if (this.#closed || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#running = this.#begin();
    }, delay);
    this.#timer.unref();
  }

  async #begin(): Promise<void> {
    this.#changedMeanwhile = false;
    let failed = false;
    try {
      await this.#run();
    } catch (error) {
      failed = true;
      if (!this.#closed) this.#onError(error);
    }
    this.#running = undefined;
    if (this.#changedMeanwhile) this.#schedule(this.#settle);
    else if (failed) this.#schedule(RETRY);
  }
}
