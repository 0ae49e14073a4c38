import { isDeepStrictEqual } from "node:util";
import type { InterfaceContract, PropertyContract } from "../contract.ts";

/** Takes the value of a property; undefined when it is not known any more. */
export type ValueListener = (value: unknown) => void;

/** Values of properties by their identifier in TypeScript. */
export type PropertyValues = ReadonlyMap<string, unknown>;

/** Counts what happens, so that it can be told whether a reply is older than what was heard after its call was sent. */
export class Clock {
  now = 0;

  tick(): number {
    return ++this.now;
  }
}

/**
 * The known property values of one interface of one remote object. It is fed with what the service says, in the order in
 * which it comes; what a signal says is never undone by the reply to a call that was sent before the signal came.
 */
export class PropertyStore {
  readonly contract: InterfaceContract;
  readonly #clock: Clock;
  readonly #values = new Map<string, unknown>();
  /** When each property was last heard of. */
  readonly #heard = new Map<string, number>();
  readonly #listeners = new Map<string, Set<ValueListener>>();
  #cleared = 0;

  constructor(contract: InterfaceContract, clock = new Clock()) {
    this.contract = contract;
    this.#clock = clock;
  }

  /** The present moment, to be remembered when a call is sent whose reply is for `fill`. */
  get now(): number {
    return this.#clock.now;
  }

  /** The value; undefined when it is not known. */
  get(key: string): unknown {
    return this.#values.get(key);
  }

  /** Takes PropertiesChanged. Properties that the contract says are never announced stay as they are. */
  announce(changed: PropertyValues, invalidated: Iterable<string>): void {
    const values = new Map<string, unknown>();
    for (const key of invalidated) if (this.#isAnnounced(key)) values.set(key, undefined);
    for (const [key, value] of changed) if (this.#isAnnounced(key)) values.set(key, value);
    this.#apply(values);
  }

  /** Takes values from the reply to a call that was sent at the moment `since`, where nothing newer is known. */
  fill(values: PropertyValues, since: number): void {
    if (since < this.#cleared) return;
    const fresh = new Map<string, unknown>();
    for (const [key, value] of values) {
      if (isKept(this.contract.properties?.[key]) && (this.#heard.get(key) ?? 0) <= since) fresh.set(key, value);
    }
    this.#apply(fresh);
  }

  /** Forgets every value, and makes the replies to all calls that were sent before too old. */
  clear(): void {
    this.#cleared = this.#clock.tick();
    this.#heard.clear();
    this.#apply(new Map([...this.#values.keys()].map((key) => [key, undefined])));
  }

  /**
   * Tells a listener each change of a value, beginning with the value where it is known already.
   *
   * @param listener - Must not throw.
   * @returns What ends it.
   */
  subscribe(key: string, listener: ValueListener): () => void {
    // The same listener may subscribe twice, and then is two.
    const own: ValueListener = (value) => listener(value);
    const listeners = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, listeners.add(own));
    const value = this.get(key);
    if (value !== undefined) own(value);
    return () => listeners.delete(own);
  }

  #isAnnounced(key: string): boolean {
    const property = this.contract.properties?.[key];
    return isKept(property) && property?.emits !== "const";
  }

  /** Changes all values before it tells of any. */
  #apply(values: PropertyValues): void {
    const moment = this.#clock.tick();
    const changed = [...values].filter(([key, value]) => {
      this.#heard.set(key, moment);
      if (isDeepStrictEqual(this.#values.get(key), value)) return false;
      if (value === undefined) this.#values.delete(key);
      else this.#values.set(key, value);
      return true;
    });
    for (const [key, value] of changed) {
      const listeners = this.#listeners.get(key) ?? [];
      for (const listener of [...listeners]) {
        // A listener may have led to something newer, which was told already.
        if (this.#heard.get(key) === moment) listener(value);
      }
    }
  }
}

/** Whether a value can be kept and stay right: nothing tells when one that announces nothing changes. */
function isKept(property: PropertyContract | undefined): boolean {
  return property !== undefined && property.access !== "write" && property.emits !== "false";
}
