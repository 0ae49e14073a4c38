import type { BusPort } from "../bus/port.ts";
import { createSubscription, type Subscription } from "../bus/subscription.ts";
import type { InterfaceContract } from "../contract.ts";
import type { ErrorOrigin } from "../hooks.ts";
import { ObjectManager } from "../standard/org.freedesktop.DBus.ObjectManager.ts";
import { DisconnectedError } from "../standard-errors.ts";
import type { ObjectPath } from "../values.ts";
import { type AnyClient, remoteOf, type Target } from "./client.ts";
import { EventQueue } from "./event-queue.ts";
import { withErrorHook } from "./listener-errors.ts";
import type { ClientClasses, ManagedChange, ManagedObject } from "./managed-object.ts";
import { type ObjectLimits, ObjectStore, type ObjectStoreListener } from "./object-store.ts";
import { syncedObjects } from "./object-sync.ts";
import type { PropertyStore } from "./property-store.ts";
import { StateLimitError, StateSync } from "./state-sync.ts";

/** An object with a client for each of its requested interfaces, by the key of the class. */
interface ObjectClients {
  readonly path: string;
  readonly interfaces: Record<string, AnyClient>;
}

/**
 * Client of an `org.freedesktop.DBus.ObjectManager`. Returns the objects below the object manager as clients of
 * generated classes:
 *
 * ```ts
 * const bluez = { destination: "org.bluez", path: "/" };
 * await using manager = new ObjectManagerClient(bus, bluez, { adapter: Adapter1Client, device: Device1Client });
 * for (const { path, interfaces } of await manager.objects()) console.log(path, interfaces.device?.properties.alias.value);
 * ```
 *
 * The client follows changes from the first use until `close`, also when another service takes over the bus name.
 */
export class ObjectManagerClient<B extends BusPort, const I extends ClientClasses<B>> implements AsyncDisposable {
  readonly #bus: B;
  readonly #target: Target;
  readonly #classes: I;
  readonly #keys = new Map<string, string>();
  readonly #store: ObjectStore;
  readonly #contracts = new Map<string, InterfaceContract>();
  readonly #objects = new Map<string, ObjectClients>();
  readonly #endLoans = new Map<AnyClient, () => void>();
  readonly #listeners = new Set<(change: ManagedChange<I>) => void>();
  #sync: StateSync | undefined;

  /**
   * Creates the client. Sends nothing.
   *
   * @param target - The object with the ObjectManager interface.
   * @param interfaces - Client classes by keys of your choice, each for one interface. Other interfaces, and objects
   * without any of these, are left out.
   * @param limits - Limits on what a hostile service can make this client store. Above them all objects are removed, calls
   * of `objects` and `subscribe` fail, and iterations end, with LimitsExceededError.
   * @throws InvalidValueError if the destination or path is not valid.
   */
  constructor(bus: B, target: Target, interfaces: I, limits: ObjectLimits = {}) {
    this.#bus = bus;
    this.#target = target;
    this.#classes = interfaces;
    for (const [key, Class] of Object.entries(interfaces)) {
      // Only an instance of a class gives access to the contract.
      const { contract } = remoteOf(new Class(bus, target));
      this.#keys.set(contract.name, key);
      this.#contracts.set(contract.name, contract);
    }
    const listener: ObjectStoreListener = {
      added: (path, name, store) => this.#added(path, this.#keys.get(name) ?? name, store),
      removed: (path, name) => this.#removed(path, this.#keys.get(name) ?? name),
    };
    this.#store = new ObjectStore(this.#contracts, listener, limits);
  }

  /**
   * Returns the current objects. While the bus name has no owner and no service can be started, there are no objects.
   *
   * @throws DBusError, with everything released, if the bus or the service refuses.
   */
  async objects(): Promise<readonly ManagedObject<I>[]> {
    await this.#start().ready;
    return [...this.#objects.values()].map((object) => this.#view(object));
  }

  /** Returns the current object at a path, if it exists. To be called after `objects` or `subscribe` has resolved. */
  get(path: ObjectPath): ManagedObject<I> | undefined {
    const object = this.#objects.get(path);
    return object && this.#view(object);
  }

  /**
   * Calls a listener with each interface that is added or removed, first with all current interfaces. The property
   * values of an added interface are known when the listener is called.
   *
   * @returns A subscription. The promise resolves when the listener was called with all current interfaces. It rejects,
   * and everything is released, if the bus or the service refuses.
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
    return this.follow(withErrorHook(this.#bus, origin satisfies ErrorOrigin, listener));
  }

  /**
   * The changes that `subscribe` reports, as an iterable. The iteration subscribes at the first `next`, queues changes
   * up to a limit of 10 000, and ends when the loop is left. It throws DisconnectedError when the connection ends or
   * this client is closed, and LimitsExceededError above the limit.
   */
  get changes(): AsyncIterable<ManagedChange<I>> {
    return {
      [Symbol.asyncIterator]: () => new EventQueue((onEvent, onEnd) => this.follow(onEvent, onEnd)),
    };
  }

  /** Removes all objects and ends all subscriptions. Pending calls of `objects` and `subscribe` fail with DisconnectedError. */
  async close(): Promise<void> {
    const sync = this.#sync;
    if (sync === undefined) return;
    this.#sync = undefined;
    const reason = new DisconnectedError("the object manager client was closed");
    const ended = sync.end(reason);
    for (const onEnd of [...sync.endListeners]) onEnd(reason);
    await ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Starts to follow changes, if this was not done before. */
  #start(): StateSync {
    if (this.#sync !== undefined) return this.#sync;
    const sync = new StateSync(this.#bus, syncedObjects(this.#bus, this.#target, this.#contracts, this.#store));
    this.#sync = sync;
    const forget = (): void => {
      if (this.#sync === sync) this.#sync = undefined;
    };
    sync.ready.catch(forget);
    sync.endListeners.add((reason) => {
      if (reason instanceof StateLimitError) forget();
    });
    return sync;
  }

  /**
   * Subscribes like `subscribe`, but with a listener that must not throw.
   *
   * @param onEnd - Called when the connection ends, this client is closed, or a limit is exceeded.
   * @internal
   */
  async follow(
    listener: (change: ManagedChange<I>) => void,
    onEnd: (reason: Error) => void = () => undefined,
  ): Promise<Subscription> {
    // A separate function per subscription, because the same listener may subscribe twice.
    const subscriber = (change: ManagedChange<I>): void => listener(change);
    for (const object of [...this.#objects.values()]) {
      for (const [key, client] of Object.entries(object.interfaces)) {
        subscriber(this.#change("added", object, key, client));
      }
    }
    this.#listeners.add(subscriber);
    const sync = this.#start();
    sync.endListeners.add(onEnd);
    const end = async (): Promise<void> => {
      this.#listeners.delete(subscriber);
      sync.endListeners.delete(onEnd);
    };
    try {
      await sync.ready;
    } catch (error) {
      await end();
      throw error;
    }
    return createSubscription(end);
  }

  #added(path: string, key: string, store: PropertyStore): void {
    const Class = this.#classes[key];
    if (Class === undefined) return;
    const client = new Class(this.#bus, { destination: this.#target.destination, path });
    this.#endLoans.set(client, remoteOf(client).cache.lend(store));
    const object = this.#objects.get(path) ?? { path, interfaces: {} };
    object.interfaces[key] = client;
    this.#objects.set(path, object);
    this.#notify(this.#change("added", object, key, client));
  }

  #removed(path: string, key: string): void {
    const object = this.#objects.get(path);
    const client = object?.interfaces[key];
    if (object === undefined || client === undefined) return;
    delete object.interfaces[key];
    if (Object.keys(object.interfaces).length === 0) this.#objects.delete(path);
    this.#endLoans.get(client)?.();
    this.#endLoans.delete(client);
    this.#notify(this.#change("removed", object, key, client));
  }

  #notify(change: ManagedChange<I>): void {
    for (const listener of [...this.#listeners]) listener(change);
  }

  /**
   * Casts an object to its public type: the keys of its interfaces are keys of I, and each client is an instance of the
   * class in I.
   */
  #view(object: ObjectClients): ManagedObject<I> {
    return object as ManagedObject<I>;
  }

  #change(kind: "added" | "removed", object: ObjectClients, key: string, client: AnyClient): ManagedChange<I> {
    return { kind, object: this.#view(object), interface: key, client } as ManagedChange<I>;
  }
}
