import type { MaybePromise } from "@dbus-codegen-ts/runtime";

/** Runs tasks one after the other: at once where none before it is still under way and it takes no time itself. */
export class InOrder {
  #last: Promise<void> | undefined;

  /** @param task - Must neither throw nor reject. */
  run(task: () => MaybePromise<void>): void {
    if (this.#last !== undefined) {
      this.#wait(this.#last.then(task));
      return;
    }
    const result = task();
    if (result instanceof Promise) this.#wait(result);
  }

  #wait(task: Promise<void>): void {
    this.#last = task;
    void task.then(() => {
      if (this.#last === task) this.#last = undefined;
    });
  }
}
