/** A promise with the functions that settle it. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Returns a promise with the functions that settle it. Its rejection counts as handled, even if no caller awaits it.
 */
export function deferred<T>(): Deferred<T> {
  let resolve: Deferred<T>["resolve"] = () => undefined;
  let reject: Deferred<T>["reject"] = () => undefined;
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}

/** Longest delay that a timer of Node takes, in milliseconds. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/** A function that delays an action until its calls pause. */
export interface Debounced {
  (): void;
  /** Cancels the delayed action, if there is one. */
  cancel(): void;
}

/** Delays of a debounced action in milliseconds. */
export interface DebounceOptions {
  /** Time without a call after which the action runs. */
  readonly quietMs: number;
  /** Longest time from the first call of a burst to the action; unlimited by default. */
  readonly maxWaitMs?: number;
}

/**
 * Returns a function that runs an action once after each burst of calls. A delayed action does not keep the process
 * running.
 */
export function debounce(action: () => void, { quietMs, maxWaitMs = Infinity }: DebounceOptions): Debounced {
  let timer: NodeJS.Timeout | undefined;
  let burstStart: number | undefined;
  const run = (): void => {
    burstStart = undefined;
    action();
  };
  const debounced = (): void => {
    const now = performance.now();
    burstStart ??= now;
    clearTimeout(timer);
    timer = setTimeout(run, Math.max(0, Math.min(quietMs, burstStart + maxWaitMs - now))).unref();
  };
  const cancel = (): void => {
    clearTimeout(timer);
    burstStart = undefined;
  };
  return Object.assign(debounced, { cancel });
}

/**
 * Awaits a promise for a limited time.
 *
 * @param timeout - Milliseconds.
 * @throws Error when the promise is not settled in time; otherwise the error with which the promise rejects.
 */
export async function withTimeout<T>(promise: Promise<T>, timeout: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`the operation took longer than ${timeout} ms`)), timeout);
  });
  try {
    return await Promise.race([promise, expired]);
  } finally {
    clearTimeout(timer);
  }
}

/** Runs tasks one after another. A task is started synchronously if no earlier task is pending. */
export class SerialTasks {
  #last: Promise<void> | undefined;

  /** @param task - Must neither throw nor reject. */
  run(task: () => void | Promise<void>): void {
    if (this.#last !== undefined) {
      this.#await(this.#last.then(task));
      return;
    }
    const result = task();
    if (result instanceof Promise) this.#await(result);
  }

  #await(task: Promise<void>): void {
    this.#last = task;
    void task.then(() => {
      if (this.#last === task) this.#last = undefined;
    });
  }
}
