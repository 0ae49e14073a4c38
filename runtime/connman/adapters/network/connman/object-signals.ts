import type { Signal, Subscription } from "@dbus-codegen-ts/runtime";

/** Subscriptions to one signal of each of several remote objects, whose number changes. */
export class ObjectSignals {
  readonly #onSignal: () => void;
  readonly #subscriptions = new Map<string, Subscription>();

  /** @param onSignal - Called for each signal of any object. */
  constructor(onSignal: () => void) {
    this.#onSignal = onSignal;
  }

  /**
   * Replaces the objects, given by path with a function that returns the signal. Must not be called during a call.
   *
   * @returns Whether there are new subscriptions.
   * @throws DBusError if the bus refuses one. The others remain.
   */
  async follow(objects: ReadonlyMap<string, () => Signal<readonly [string, unknown]>>): Promise<boolean> {
    const closed: Promise<void>[] = [];
    for (const [path, subscription] of this.#subscriptions) {
      if (objects.has(path)) continue;
      this.#subscriptions.delete(path);
      closed.push(subscription.close());
    }
    const added = [...objects].filter(([path]) => !this.#subscriptions.has(path));
    const results = await Promise.allSettled([
      ...added.map(async ([path, signal]) => {
        this.#subscriptions.set(path, await signal().subscribe(this.#onSignal));
      }),
      ...closed,
    ]);
    const refused = results.find((result) => result.status === "rejected");
    if (refused !== undefined) throw refused.reason;
    return added.length > 0;
  }

  async close(): Promise<void> {
    await this.follow(new Map());
  }
}
