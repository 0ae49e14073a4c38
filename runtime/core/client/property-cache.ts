import { createSubscription, type Subscription } from "../bus/subscription.ts";
import { DisconnectedError } from "../standard-errors.ts";
import { PropertyStore, type PropertyValues, type StoreWatcher, type ValueListener } from "./property-store.ts";
import { syncedProperties } from "./property-sync.ts";
import type { RemoteInterface } from "./remote-interface.ts";
import { StateSync } from "./state-sync.ts";

/** Cache of the property values of one remote interface. The values are up to date while the cache is started. */
export class PropertyCache {
  readonly #remote: RemoteInterface;
  #store: PropertyStore;
  #sync: StateSync | undefined;
  #isLent = false;

  constructor(remote: RemoteInterface) {
    this.#remote = remote;
    this.#store = new PropertyStore(remote.contract);
  }

  /** Returns the value of a property; undefined if it is unknown or the cache is not started. */
  value(key: string): unknown {
    return this.#store.get(key);
  }

  /**
   * Starts the cache if it is not started. The cache is on until all returned subscriptions are closed.
   *
   * @param onEnd - Called when the connection ends.
   * @returns A subscription. The promise resolves when the values are read. It rejects, and everything is released, if
   * the bus or the service refuses.
   */
  async start(onEnd?: (reason: Error) => void): Promise<Subscription> {
    if (this.#isLent) return createSubscription(async () => undefined);
    const sync = this.#sync ?? new StateSync(this.#remote.bus, syncedProperties(this.#remote, this.#store));
    this.#sync = sync;
    sync.uses++;
    if (onEnd !== undefined) sync.endListeners.add(onEnd);
    try {
      await sync.ready;
    } catch (error) {
      if (this.#sync === sync) this.#sync = undefined;
      throw error;
    }
    return createSubscription(async () => {
      if (onEnd !== undefined) sync.endListeners.delete(onEnd);
      if (--sync.uses > 0) return;
      if (this.#sync === sync) this.#sync = undefined;
      await sync.end(new DisconnectedError("the cache was turned off"));
    });
  }

  /**
   * Calls a listener with each change of a value. The cache is on until the returned subscription is closed.
   *
   * @param listener - Must not throw.
   */
  async subscribe(key: string, listener: ValueListener, onEnd?: (reason: Error) => void): Promise<Subscription> {
    const unsubscribe = this.#store.subscribe(key, listener);
    try {
      const started = await this.start(onEnd);
      return createSubscription(async () => {
        unsubscribe();
        await started.close();
      });
    } catch (error) {
      unsubscribe();
      throw error;
    }
  }

  /**
   * Records the sending of a Get or GetAll call. Must be called when the call is sent.
   *
   * @returns A function that stores the values of the reply if the cache is on.
   */
  prepareFill(): (values: PropertyValues) => void {
    const store = this.#store;
    if (this.#sync === undefined && !this.#isLent) return () => undefined;
    const since = store.now;
    return (values) => store.fill(values, since);
  }

  /** The known property values by identifier. */
  get values(): PropertyValues {
    return this.#store.values;
  }

  /** Watches the stored values until the returned function is called. */
  watch(watcher: StoreWatcher): () => void {
    return this.#store.watch(watcher);
  }

  /**
   * Replaces the store of the cache by a store that an object manager client keeps up to date.
   *
   * @returns A function that clears that store and ends its use.
   */
  lend(store: PropertyStore): () => void {
    this.#store = store;
    this.#isLent = true;
    return () => {
      this.#isLent = false;
      store.clear();
    };
  }
}
