import { isDeepStrictEqual } from "node:util";
import type { InterfaceContract, PropertyContract } from "../contract.ts";

/** Receiver of the values of a property. The value is undefined if it has become unknown. */
export type ValueListener = (value: unknown) => void;

/** Receiver of changes of a store. Must not throw. */
export interface StoreWatcher {
  /** Called after each update with the identifiers of the changed properties. */
  changed(keys: readonly string[]): void;
  /** Called before all values are removed. */
  clearing(): void;
}

/** Values of properties by their identifier in TypeScript. */
export type PropertyValues = ReadonlyMap<string, unknown>;

/** Called when a value replaces another. Undefined means that there is no value. */
export type ReplaceHook = (previous: unknown, value: unknown) => void;

/** A logical clock: it counts received messages, so that signals and the sending of calls have an order. */
export class Clock {
  now = 0;

  tick(): number {
    return ++this.now;
  }
}

/**
 * The known property values of one remote interface. Signals and replies are applied in the order of their arrival, but
 * a reply does not undo a signal that arrived after the call was sent.
 */
export class PropertyStore {
  readonly contract: InterfaceContract;
  readonly #clock: Clock;
  readonly #onReplace: ReplaceHook;
  readonly #values = new Map<string, unknown>();
  /** Logical time of the last update of each property. */
  readonly #updateTimes = new Map<string, number>();
  readonly #listeners = new Map<string, Set<ValueListener>>();
  readonly #watchers = new Set<StoreWatcher>();
  #clearTime = 0;

  constructor(contract: InterfaceContract, clock = new Clock(), onReplace: ReplaceHook = () => undefined) {
    this.contract = contract;
    this.#clock = clock;
    this.#onReplace = onReplace;
  }

  /** The known property values by identifier. */
  get values(): PropertyValues {
    return this.#values;
  }

  /** The present logical time. The sender of a call passes it to `fill` together with the reply. */
  get now(): number {
    return this.#clock.now;
  }

  /** Returns the value; undefined if it is unknown. */
  get(key: string): unknown {
    return this.#values.get(key);
  }

  /** Applies PropertiesChanged. Ignores properties that the contract declares as constant or as never announced. */
  announce(changed: PropertyValues, invalidated: Iterable<string>): void {
    const values = new Map<string, unknown>();
    for (const key of invalidated) if (this.#isAnnounced(key)) values.set(key, undefined);
    for (const [key, value] of changed) if (this.#isAnnounced(key)) values.set(key, value);
    this.#apply(values);
  }

  /**
   * Applies the values of a reply, except to properties that were updated after the call was sent.
   *
   * @param since - Logical time at which the call was sent.
   */
  fill(values: PropertyValues, since: number): void {
    if (since < this.#clearTime) return;
    const current = new Map<string, unknown>();
    for (const [key, value] of values) {
      if (isStored(this.contract.properties?.[key]) && (this.#updateTimes.get(key) ?? 0) <= since) {
        current.set(key, value);
      }
    }
    this.#apply(current);
  }

  /** Removes all values, and ignores the replies to all earlier calls. */
  clear(): void {
    for (const watcher of [...this.#watchers]) watcher.clearing();
    this.#clearTime = this.#clock.tick();
    this.#updateTimes.clear();
    this.#apply(new Map([...this.#values.keys()].map((key) => [key, undefined])));
  }

  /**
   * Calls a listener with each change of a value, first with the current value if it is known.
   *
   * @param listener - Must not throw.
   * @returns A function that ends the subscription.
   */
  subscribe(key: string, listener: ValueListener): () => void {
    // A separate function per subscription, because the same listener may subscribe twice.
    const subscriber: ValueListener = (value) => listener(value);
    const listeners = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, listeners.add(subscriber));
    const value = this.get(key);
    if (value !== undefined) subscriber(value);
    return () => listeners.delete(subscriber);
  }

  /**
   * Watches all values.
   *
   * @returns A function that ends watching.
   */
  watch(watcher: StoreWatcher): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  #isAnnounced(key: string): boolean {
    const property = this.contract.properties?.[key];
    return isStored(property) && property?.emits !== "const";
  }

  /** Stores all values, and then notifies listeners. */
  #apply(values: PropertyValues): void {
    const time = this.#clock.tick();
    const changed = [...values].filter(([key, value]) => {
      this.#updateTimes.set(key, time);
      const previous = this.#values.get(key);
      if (isDeepStrictEqual(previous, value)) return false;
      this.#onReplace(previous, value);
      if (value === undefined) this.#values.delete(key);
      else this.#values.set(key, value);
      return true;
    });
    for (const [key, value] of changed) {
      const listeners = this.#listeners.get(key) ?? [];
      for (const listener of [...listeners]) {
        // A previous listener may have caused a newer update, which the listeners have already received.
        if (this.#updateTimes.get(key) === time) listener(value);
      }
    }
    if (changed.length === 0) return;
    const keys = changed.map(([key]) => key);
    for (const watcher of [...this.#watchers]) watcher.changed(keys);
  }
}

/**
 * Returns whether the values of a property can be stored. They cannot if changes are not announced: a stored value
 * would become out of date.
 */
function isStored(property: PropertyContract | undefined): boolean {
  return property !== undefined && property.access !== "write" && property.emits !== "false";
}
