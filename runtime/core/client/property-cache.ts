import type { Subscription } from "../bus/subscription.ts";
import { DisconnectedError } from "../standard-errors.ts";
import { Feed } from "./feed.ts";
import { propertyFeed } from "./property-feed.ts";
import { PropertyStore, type ValueListener } from "./property-store.ts";
import type { RemoteInterface } from "./remote-interface.ts";
import { subscription } from "./subscription.ts";

/** The cached property values of one interface of one remote object: right as long as somebody has started it. */
export class PropertyCache {
  readonly #remote: RemoteInterface;
  #store: PropertyStore;
  #feed: Feed | undefined;
  #lent = false;

  constructor(remote: RemoteInterface) {
    this.#remote = remote;
    this.#store = new PropertyStore(remote.contract);
  }

  /** The value of a property; undefined when it is not known, and while nobody has started the cache. */
  value(key: string): unknown {
    return this.#store.get(key);
  }

  /**
   * Starts the cache, or uses it where it is started: each use is ended on its own.
   *
   * @param onEnd - Called when the connection ends.
   * @returns A promise of the use, resolved when the values are there. It rejects, and nothing stays behind, when the bus
   * or the service refuses.
   */
  async start(onEnd?: (reason: Error) => void): Promise<Subscription> {
    if (this.#lent) return subscription(async () => undefined);
    const feed = this.#feed ?? new Feed(this.#remote.bus, propertyFeed(this.#remote, this.#store));
    this.#feed = feed;
    feed.uses++;
    if (onEnd !== undefined) feed.enders.add(onEnd);
    try {
      await feed.ready;
    } catch (error) {
      if (this.#feed === feed) this.#feed = undefined;
      throw error;
    }
    return subscription(async () => {
      if (onEnd !== undefined) feed.enders.delete(onEnd);
      if (--feed.uses > 0) return;
      if (this.#feed === feed) this.#feed = undefined;
      await feed.end(new DisconnectedError("the cache was turned off"));
    });
  }

  /** Tells a listener, which must not throw, each change of a value, and keeps the cache started for as long. */
  async subscribe(key: string, listener: ValueListener, onEnd?: (reason: Error) => void): Promise<Subscription> {
    const unsubscribe = this.#store.subscribe(key, listener);
    try {
      const use = await this.start(onEnd);
      return subscription(async () => {
        unsubscribe();
        await use.close();
      });
    } catch (error) {
      unsubscribe();
      throw error;
    }
  }

  /** What takes the value out of the reply to a Get that is sent now, and keeps it where the cache is started. */
  keeper(key: string): (value: unknown) => void {
    const store = this.#store;
    if (this.#feed === undefined && !this.#lent) return () => undefined;
    const since = store.now;
    return (value) => store.fill(new Map([[key, value]]), since);
  }

  /** Somebody else keeps the values right, in a store of theirs, until what is returned is called. */
  lend(store: PropertyStore): () => void {
    this.#store = store;
    this.#lent = true;
    return () => {
      this.#lent = false;
      store.clear();
    };
  }
}
