import type { Subscription } from "@dbus-codegen-ts/runtime";

/** Subscriptions to signals of remote objects, whose number changes. */
export class ObjectSignals {
  readonly #subscriptions = new Map<string, Subscription>();

  /**
   * Replaces the objects, given by path with a function that subscribes. Must not be called during a call.
   *
   * @returns Whether there are new subscriptions.
   * @throws DBusError if the bus refuses one. The others remain.
   */
  async follow(objects: ReadonlyMap<string, () => Promise<Subscription>>): Promise<boolean> {
    const closed: Promise<void>[] = [];
    for (const [path, subscription] of this.#subscriptions) {
      if (objects.has(path)) continue;
      this.#subscriptions.delete(path);
      closed.push(subscription.close());
    }
    const added = [...objects].filter(([path]) => !this.#subscriptions.has(path));
    const results = await Promise.allSettled([
      ...added.map(async ([path, subscribe]) => {
        this.#subscriptions.set(path, await subscribe());
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
