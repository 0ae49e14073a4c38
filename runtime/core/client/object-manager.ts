import type { BusPort } from "../bus/port.ts";
import type { Subscription } from "../bus/subscription.ts";
import type { InterfaceContract } from "../contract.ts";
import type { ErrorOrigin } from "../hooks.ts";
import { ObjectManager } from "../standard/org.freedesktop.DBus.ObjectManager.ts";
import { DisconnectedError } from "../standard-errors.ts";
import type { ObjectPath } from "../values.ts";
import { type AnyClient, remoteOf, type Target } from "./client.ts";
import { EventQueue } from "./event-queue.ts";
import { Feed } from "./feed.ts";
import { guarded } from "./listener.ts";
import type { ClientClasses, ManagedChange, ManagedObject } from "./managed.ts";
import { objectFeed } from "./object-feed.ts";
import { ObjectTree } from "./object-tree.ts";
import type { PropertyStore } from "./property-store.ts";
import { subscription } from "./subscription.ts";

interface LiveObject {
  readonly path: string;
  readonly interfaces: Record<string, AnyClient>;
}

/**
 * The objects below an `org.freedesktop.DBus.ObjectManager`, as clients of generated classes:
 *
 * ```ts
 * const bluez = { destination: "org.bluez", path: "/" };
 * await using manager = new ObjectManagerClient(bus, bluez, { adapter: Adapter1Client, device: Device1Client });
 * for (const { path, interfaces } of await manager.objects()) console.log(path, interfaces.device?.properties.alias.value);
 * ```
 *
 * It follows them from the first use until `close`, also when another service takes the bus name over.
 */
export class ObjectManagerClient<B extends BusPort, const I extends ClientClasses<B>> implements AsyncDisposable {
  readonly #bus: B;
  readonly #target: Target;
  readonly #classes: I;
  readonly #keys = new Map<string, string>();
  readonly #tree: ObjectTree;
  readonly #contracts = new Map<string, InterfaceContract>();
  readonly #objects = new Map<string, LiveObject>();
  readonly #returns = new Map<AnyClient, () => void>();
  readonly #listeners = new Set<(change: ManagedChange<I>) => void>();
  #feed: Feed | undefined;

  /**
   * Sends nothing yet.
   *
   * @param target - The object with the ObjectManager interface.
   * @param interfaces - Client classes under names of your choice, each for one interface; other interfaces, and objects
   * that have none of these, are left out.
   * @throws InvalidValueError when the destination or path is not valid.
   */
  constructor(bus: B, target: Target, interfaces: I) {
    this.#bus = bus;
    this.#target = target;
    this.#classes = interfaces;
    for (const [key, Class] of Object.entries(interfaces)) {
      // A class keeps its contract to its instances; one that is never used tells it.
      const { contract } = remoteOf(new Class(bus, target));
      this.#keys.set(contract.name, key);
      this.#contracts.set(contract.name, contract);
    }
    this.#tree = new ObjectTree(this.#contracts, {
      added: (path, name, store) => this.#added(path, this.#keys.get(name) ?? name, store),
      removed: (path, name) => this.#removed(path, this.#keys.get(name) ?? name),
    });
  }

  /**
   * The objects as they are now. Where nobody owns the bus name and nothing can be started, there are none until somebody
   * does.
   *
   * @throws DBusError, and nothing stays behind, when the bus or the service refuses.
   */
  async objects(): Promise<readonly ManagedObject<I>[]> {
    await this.#follow().ready;
    return [...this.#objects.values()].map((object) => this.#view(object));
  }

  /** The object at a path as it is now; undefined where there is none, and before `objects` or `subscribe` has resolved. */
  get(path: ObjectPath): ManagedObject<I> | undefined {
    const object = this.#objects.get(path);
    return object && this.#view(object);
  }

  /**
   * Calls a listener with each interface that is added or removed, beginning with those that are there. When it is told of
   * one that is added, the values of its properties are known.
   *
   * @returns A promise of the subscription, resolved when the listener was told all that is there. It rejects, and nothing
   * stays behind, when the bus or the service refuses.
   */
  subscribe(listener: (change: ManagedChange<I>) => void): Promise<Subscription> {
    const { destination: sender, path } = this.#target;
    const origin = {
      kind: "listener",
      sender,
      path,
      interface: ObjectManager.name,
      member: ObjectManager.signals.interfacesAdded.name,
    } as const;
    return this.#subscribe(guarded(this.#bus, origin satisfies ErrorOrigin, listener));
  }

  /**
   * What `subscribe` tells, to iterate over: it begins at the first `next`, keeps what happens in between, up to a limit,
   * and ends when the loop is left. It throws DisconnectedError when the connection ends or the manager is closed,
   * LimitsExceededError past the limit of 10 000.
   */
  get changes(): AsyncIterable<ManagedChange<I>> {
    return {
      [Symbol.asyncIterator]: () => new EventQueue((onEvent, onEnd) => this.#subscribe(onEvent, onEnd)),
    };
  }

  /** Ends following: every object is removed, subscriptions end, what is still starting fails with DisconnectedError. */
  async close(): Promise<void> {
    const feed = this.#feed;
    if (feed === undefined) return;
    this.#feed = undefined;
    const reason = new DisconnectedError("the object manager client was closed");
    const ended = feed.end(reason);
    for (const onEnd of [...feed.enders]) onEnd(reason);
    await ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #follow(): Feed {
    const feed = this.#feed ?? new Feed(this.#bus, objectFeed(this.#bus, this.#target, this.#contracts, this.#tree));
    this.#feed = feed;
    feed.ready.catch(() => {
      if (this.#feed === feed) this.#feed = undefined;
    });
    return feed;
  }

  async #subscribe(
    listener: (change: ManagedChange<I>) => void,
    onEnd: (reason: Error) => void = () => undefined,
  ): Promise<Subscription> {
    const own = (change: ManagedChange<I>): void => listener(change);
    for (const object of [...this.#objects.values()]) {
      for (const [key, client] of Object.entries(object.interfaces)) own(this.#change("added", object, key, client));
    }
    this.#listeners.add(own);
    const feed = this.#follow();
    feed.enders.add(onEnd);
    const end = async (): Promise<void> => {
      this.#listeners.delete(own);
      feed.enders.delete(onEnd);
    };
    try {
      await feed.ready;
    } catch (error) {
      await end();
      throw error;
    }
    return subscription(end);
  }

  #added(path: string, key: string, store: PropertyStore): void {
    const Class = this.#classes[key];
    if (Class === undefined) return;
    const client = new Class(this.#bus, { destination: this.#target.destination, path });
    this.#returns.set(client, remoteOf(client).cache.lend(store));
    const object = this.#objects.get(path) ?? { path, interfaces: {} };
    object.interfaces[key] = client;
    this.#objects.set(path, object);
    this.#tell(this.#change("added", object, key, client));
  }

  #removed(path: string, key: string): void {
    const object = this.#objects.get(path);
    const client = object?.interfaces[key];
    if (object === undefined || client === undefined) return;
    delete object.interfaces[key];
    if (Object.keys(object.interfaces).length === 0) this.#objects.delete(path);
    this.#returns.get(client)?.();
    this.#returns.delete(client);
    this.#tell(this.#change("removed", object, key, client));
  }

  #tell(change: ManagedChange<I>): void {
    for (const listener of [...this.#listeners]) listener(change);
  }

  /** The keys of an object's interfaces are keys of I, and each client is of the class that I has there. */
  #view(object: LiveObject): ManagedObject<I> {
    return object as ManagedObject<I>;
  }

  #change(kind: "added" | "removed", object: LiveObject, key: string, client: AnyClient): ManagedChange<I> {
    return { kind, object: this.#view(object), interface: key, client } as ManagedChange<I>;
  }
}
