import type { Subscription } from "@dbus-codegen-ts/runtime";

/** Subscriptions to signals of a changing set of remote objects. */
export class ObjectSignals {
  readonly #subscriptions = new Map<string, Subscription>();

  /**
   * Replaces the set of objects. Subscribes to the signals of new objects, and closes the subscriptions of removed
   * ones. The previous call must have ended.
   *
   * @param objects - Function that subscribes to the signals of an object, by path of the object.
   * @returns Whether there are new subscriptions.
   * @throws DBusError if the bus refuses a subscription. The other changes are made nevertheless.
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
