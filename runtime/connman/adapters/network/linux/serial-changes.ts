import { runCommand } from "../../linux/command.ts";

/** Changes of the system that are made one after another. */
export class SerialChanges {
  readonly #onError: (error: unknown) => void;
  #last: Promise<unknown> = Promise.resolve();

  /** @param onError - Called with errors of `add`. Must not throw. */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  /** Makes a change after all earlier changes. Rejects with the error of the change. */
  run(work: () => Promise<void>): Promise<void> {
    const change = this.#last.then(work);
    this.#last = change.catch(() => undefined);
    return change;
  }

  /** Makes a change after all earlier changes. An error is passed to `onError`, and then `onFailed` is called. */
  add(work: () => Promise<void>, onFailed?: () => void): void {
    this.run(work).catch((error: unknown) => {
      this.#onError(error);
      onFailed?.();
    });
  }

  /** Resolves when all changes that were added before this call have ended. */
  async settled(): Promise<void> {
    await this.#last;
  }
}

/** Changes an interface: `args` are arguments of `ip link set`. Throws CommandError. */
export async function setLink(name: string, ...args: readonly string[]): Promise<void> {
  await runCommand("ip", ["link", "set", "dev", name, ...args]);
}
