import type { BusPort } from "../bus/port.ts";
import { createSubscription, type Subscription } from "../bus/subscription.ts";
import { guarded } from "../hooks.ts";
import type { ValidBusName, ValidPath } from "../literal-names.ts";
import { ObjectManager } from "../standard/org.freedesktop.DBus.ObjectManager.ts";
import { DisconnectedError } from "../standard-errors.ts";
import type { ObjectPath } from "../values.ts";
import { type AnyClient, remoteOf, type Target } from "./client.ts";
import { EventQueue } from "./event-queue.ts";
import { ObjectManagerClient } from "./object-manager.ts";
import type { ObjectLimits } from "./object-store.ts";

/** The values of the readable properties of a client, as `$getAll` returns them. */
export type ValuesOfClient<C extends AnyClient> = Awaited<ReturnType<C["$getAll"]>>;

/** An object with the watched interface. */
export interface LiveObject<C extends AnyClient> {
  readonly path: ObjectPath;
  /** Client of the interface. The cached values of its properties are kept current without `$cache`. */
  readonly client: C;
  /**
   * Property values: the current ones, or the last ones if the object was removed. The record is replaced when a value
   * changes.
   */
  readonly values: ValuesOfClient<C>;
}

/** A change of the watched objects. */
export interface LiveChange<C extends AnyClient> {
  readonly kind: "added" | "changed" | "removed";
  readonly object: LiveObject<C>;
  /** Names of the properties that one message has changed; empty unless the object was changed. */
  readonly changed: readonly (keyof ValuesOfClient<C>)[];
}

/** The objects that `watchObjects` selects, and limits on what the service can make this program store. */
export interface WatchOptions<B extends BusPort, C extends AnyClient> extends ObjectLimits {
  /** Client class of the interface that the objects must have. */
  readonly interface: new (
    bus: B,
    target: Target,
  ) => C;
  /** Path below which objects are followed. Default: all objects of the object manager. */
  readonly below?: ObjectPath;
  /**
   * Decides whether an object is in the map; by default all objects are. Called when an object is added, and after each
   * change of its values. So a change can add the object to the map or remove it. An error counts as false and is
   * reported to `onError` of the bus.
   */
  readonly where?: (object: LiveObject<C>) => boolean;
}

/**
 * The objects of an object manager with one interface, by their path: a map that follows the service.
 *
 * Objects are added and removed by the signals of the object manager, and change by PropertiesChanged. When the service
 * leaves the bus or the connection is lost, all objects are removed. When the name has an owner later, the objects of
 * this owner are added. After `close`, the end of the connection, or above a limit, the map is empty and does not
 * change.
 */
export class LiveObjects<C extends AnyClient> implements ReadonlyMap<ObjectPath, LiveObject<C>>, AsyncDisposable {
  /**
   * Resolves when the objects are no longer followed: with the error that ended following them, or undefined after
   * `close()`.
   */
  readonly closed: Promise<Error | undefined>;
  readonly #isSelected: (object: LiveObject<C>) => boolean;
  readonly #followed = new Map<AnyClient, FollowedObject<C>>();
  readonly #selected = new Map<ObjectPath, FollowedObject<C>>();
  readonly #listeners = new Set<(change: LiveChange<C>) => void>();
  readonly #endListeners = new Set<(reason: Error) => void>();
  readonly #onError: (error: unknown) => void;
  #close: () => Promise<void> = async () => undefined;
  #end: Error | undefined;
  #resolveClosed: (reason: Error | undefined) => void = () => undefined;

  /** @internal */
  constructor(isSelected: (object: LiveObject<C>) => boolean, onError: (error: unknown) => void) {
    this.#isSelected = isSelected;
    this.#onError = onError;
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
  }

  /**
   * Follows an object manager. Resolves when its objects are known.
   *
   * @internal
   */
  async follow<B extends BusPort>(
    manager: ObjectManagerClient<B, { readonly it: new (bus: B, target: Target) => C }>,
  ): Promise<void> {
    this.#close = () => manager.close();
    await manager.follow(
      ({ kind, object: { path }, client }) => (kind === "added" ? this.#follow(path, client) : this.#unfollow(client)),
      (reason) => this.#onEnd(reason),
    );
  }

  /** Number of objects. */
  get size(): number {
    return this.#selected.size;
  }

  get(path: ObjectPath): LiveObject<C> | undefined {
    return this.#selected.get(path);
  }

  has(path: ObjectPath): boolean {
    return this.#selected.has(path);
  }

  keys(): MapIterator<ObjectPath> {
    return this.#selected.keys();
  }

  values(): MapIterator<LiveObject<C>> {
    return this.#selected.values();
  }

  entries(): MapIterator<[ObjectPath, LiveObject<C>]> {
    return this.#selected.entries();
  }

  [Symbol.iterator](): MapIterator<[ObjectPath, LiveObject<C>]> {
    return this.entries();
  }

  forEach(
    callback: (object: LiveObject<C>, path: ObjectPath, map: ReadonlyMap<ObjectPath, LiveObject<C>>) => void,
  ): void {
    for (const [path, object] of this.#selected) callback(object, path, this);
  }

  /** Calls a listener with each change, first with all current objects as added. */
  subscribe(listener: (change: LiveChange<C>) => void): Subscription {
    return this.#subscribe(guarded(listener, this.#onError), () => undefined);
  }

  /**
   * The changes that `subscribe` reports, as an iterable. The iteration subscribes at the first `next`, queues changes
   * up to a limit of 10 000, and ends when the loop is left. It throws DisconnectedError when the connection ends or
   * `close` is called, and LimitsExceededError if too many changes wait, or the objects exceed their limits.
   */
  get changes(): AsyncIterable<LiveChange<C>> {
    return {
      [Symbol.asyncIterator]: () => new EventQueue(async (onEvent, onEnd) => this.#subscribe(onEvent, onEnd)),
    };
  }

  /** Ends following the objects, and empties the map. */
  async close(): Promise<void> {
    if (this.#end === undefined) {
      this.#end = new DisconnectedError("the live objects were closed");
      this.#resolveClosed(undefined);
    }
    await this.#close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #subscribe(listener: (change: LiveChange<C>) => void, onEnd: (reason: Error) => void): Subscription {
    // A separate function per subscription, because the same listener may subscribe twice.
    const subscriber = (change: LiveChange<C>): void => listener(change);
    for (const object of [...this.#selected.values()]) subscriber({ kind: "added", object, changed: [] });
    this.#listeners.add(subscriber);
    if (this.#end === undefined) this.#endListeners.add(onEnd);
    else onEnd(this.#end);
    return createSubscription(async () => {
      this.#listeners.delete(subscriber);
      this.#endListeners.delete(onEnd);
    });
  }

  #follow(path: ObjectPath, client: C): void {
    const object = new FollowedObject(path, client, (changed) => this.#update(object, changed));
    this.#followed.set(client, object);
    this.#update(object, []);
  }

  #unfollow(client: AnyClient): void {
    const object = this.#followed.get(client);
    this.#followed.delete(client);
    if (object !== undefined && this.#selected.get(object.path) === object) this.#remove(object);
  }

  /** Adds or removes an object after a change, or reports the change. */
  #update(object: FollowedObject<C>, changed: readonly (keyof ValuesOfClient<C>)[]): void {
    const wasSelected = this.#selected.get(object.path) === object;
    if (!this.#matches(object)) {
      if (wasSelected) this.#remove(object);
    } else if (wasSelected) this.#notify({ kind: "changed", object, changed });
    else {
      this.#selected.set(object.path, object);
      this.#notify({ kind: "added", object, changed: [] });
    }
  }

  #matches(object: LiveObject<C>): boolean {
    try {
      return this.#isSelected(object);
    } catch (error) {
      this.#onError(error);
      return false;
    }
  }

  #remove(object: FollowedObject<C>): void {
    this.#selected.delete(object.path);
    this.#notify({ kind: "removed", object, changed: [] });
  }

  #notify(change: LiveChange<C>): void {
    for (const listener of [...this.#listeners]) listener(change);
  }

  #onEnd(reason: Error): void {
    this.#end ??= reason;
    this.#resolveClosed(reason);
    for (const onEnd of [...this.#endListeners]) onEnd(this.#end);
    this.#endListeners.clear();
  }
}

/** An object with its values, which are read from the cache of its client when they are used. */
class FollowedObject<C extends AnyClient> implements LiveObject<C> {
  readonly path: ObjectPath;
  readonly client: C;
  #values: ValuesOfClient<C> | undefined;

  constructor(path: ObjectPath, client: C, onChange: (changed: readonly (keyof ValuesOfClient<C>)[]) => void) {
    this.path = path;
    this.client = client;
    const unwatch = remoteOf(client).cache.watch({
      changed: (keys) => {
        this.#values = undefined;
        // The keys are those of the contract, from which the type was generated.
        onChange(keys as readonly (keyof ValuesOfClient<C>)[]);
      },
      // The object is removed, and keeps its last values.
      clearing: () => {
        this.#values = this.values;
        unwatch();
      },
    });
  }

  get values(): ValuesOfClient<C> {
    // The cache has the identifiers and types of the contract, from which the type was generated.
    this.#values ??= Object.freeze(Object.fromEntries(remoteOf(this.client).cache.values)) as ValuesOfClient<C>;
    return this.#values;
  }
}

/**
 * Follows the objects of an object manager that have an interface, as a map by path:
 *
 * ```ts
 * await using devices = await watchObjects(bus, "org.bluez", "/", {
 *   interface: Device1Client,
 *   where: ({ values }) => values.connected === true,
 * });
 * for (const { client, values } of devices.values()) console.log(values.alias, await client.disconnect());
 * for await (const { kind, object } of devices.changes) console.log(kind, object.values.alias);
 * ```
 *
 * @param path - Path of the object with the ObjectManager interface.
 * @returns The map. The promise resolves when the objects are known. No change between reading and subscribing is
 * missed. While the name has no owner and no service can be started, the map is empty.
 * @throws DBusError, with everything released, if the bus or the service refuses; LimitsExceededError above a limit.
 */
export async function watchObjects<B extends BusPort, C extends AnyClient, Name extends string, Path extends string>(
  bus: B,
  name: Name & ValidBusName<Name>,
  path: Path & ValidPath<Path>,
  options: WatchOptions<B, C>,
): Promise<LiveObjects<C>> {
  const { interface: it, below, where = () => true, ...limits } = options;
  const prefix = below === undefined || below === "/" ? "/" : `${below}/`;
  const origin = {
    kind: "listener",
    sender: name,
    path,
    interface: ObjectManager.name,
    member: ObjectManager.signals.interfacesAdded.name,
  } as const;
  const objects = new LiveObjects<C>(
    (object) => object.path.startsWith(prefix) && where(object),
    (error) => bus.onError(error, origin),
  );
  await objects.follow(new ObjectManagerClient(bus, { destination: name, path }, { it }, limits));
  return objects;
}
