import type { InterfaceContract } from "../contract.ts";
import { MAX_FOLLOWED_BYTES, MAX_FOLLOWED_INTERFACES } from "../quotas.ts";
import { Clock, PropertyStore, type PropertyValues } from "./property-store.ts";
import { StateLimitError } from "./state-sync.ts";
import { valueBytes } from "./value-bytes.ts";

/** Property values of the interfaces of an object, by interface name. */
export type InterfaceValues = ReadonlyMap<string, PropertyValues>;

/** Receiver of added and removed interfaces. Must not throw. */
export interface ObjectStoreListener {
  added(path: string, interfaceName: string, store: PropertyStore): void;
  removed(path: string, interfaceName: string): void;
}

/** Limits on what an object manager client stores. */
export interface ObjectLimits {
  /** Maximum number of interfaces in all objects together: 16 384 by default. */
  readonly maxInterfaces?: number;
  /** Maximum memory of all paths and property values, in bytes: 64 MiB by default. */
  readonly maxBytes?: number;
}

interface Entry {
  readonly path: string;
  readonly interfaceName: string;
  store: PropertyStore;
  /**
   * Whether the object has the interface. An entry of an absent interface records signals that arrive while a reply is
   * pending.
   */
  isPresent: boolean;
  /** Logical time of the last signal that added or removed the interface. */
  signalTime: number;
}

/**
 * The interfaces of the objects of one object manager. Signals and replies are applied in the order of their arrival,
 * but a reply does not undo a signal that arrived after the call was sent.
 */
export class ObjectStore {
  readonly #contracts: ReadonlyMap<string, InterfaceContract>;
  readonly #listener: ObjectStoreListener;
  readonly #clock = new Clock();
  readonly #entries = new Map<string, Entry>();
  readonly #limits: Required<ObjectLimits>;
  #bytes = 0;
  #clearTime = 0;
  /** Whether a reply with all objects is pending. */
  #isReading = false;

  /** @param contracts - Contracts of the stored interfaces by name. Other interfaces are ignored. */
  constructor(
    contracts: ReadonlyMap<string, InterfaceContract>,
    listener: ObjectStoreListener,
    { maxInterfaces = MAX_FOLLOWED_INTERFACES, maxBytes = MAX_FOLLOWED_BYTES }: ObjectLimits = {},
  ) {
    this.#contracts = contracts;
    this.#listener = listener;
    this.#limits = { maxInterfaces, maxBytes };
  }

  /** Returns the logical time at which GetManagedObjects is sent, for `fill`. Only one such call may be pending. */
  begin(): number {
    this.#isReading = true;
    return this.#clock.now;
  }

  /**
   * Applies InterfacesAdded.
   *
   * @throws StateLimitError if there are more interfaces or bytes than the limits allow. The methods `changed` and
   * `fill` throw this error, too.
   */
  added(path: string, interfaces: InterfaceValues): void {
    const time = this.#clock.tick();
    const entries = [...interfaces].flatMap(([name, values]) => {
      const entry = this.#ensureEntry(path, name);
      if (entry === undefined) return [];
      entry.signalTime = time;
      entry.store.fill(values, time);
      return [entry];
    });
    this.#checkBytes();
    this.#addPresent(entries.filter((entry) => !entry.isPresent));
  }

  /** Applies InterfacesRemoved. */
  removed(path: string, interfaces: readonly string[]): void {
    const time = this.#clock.tick();
    for (const name of interfaces) {
      const entry = this.#isReading ? this.#ensureEntry(path, name) : this.#entries.get(keyOf(path, name));
      if (entry === undefined) continue;
      entry.signalTime = time;
      this.#makeAbsent(entry);
    }
  }

  /** Applies PropertiesChanged. */
  changed(path: string, interfaceName: string, changed: PropertyValues, invalidated: readonly string[]): void {
    const existing = this.#entries.get(keyOf(path, interfaceName));
    const entry = this.#isReading ? this.#ensureEntry(path, interfaceName) : existing;
    entry?.store.announce(changed, invalidated);
    this.#checkBytes();
  }

  /**
   * Applies the reply of GetManagedObjects.
   *
   * @param since - Result of `begin` when the call was sent.
   */
  fill(objects: ReadonlyMap<string, InterfaceValues>, since: number): void {
    if (since < this.#clearTime) return;
    const entries: Entry[] = [];
    for (const [path, interfaces] of objects) {
      for (const [name, values] of interfaces) {
        const entry = this.#ensureEntry(path, name);
        if (entry === undefined || (entry.signalTime > since && !entry.isPresent)) continue;
        entry.store.fill(values, since);
        entries.push(entry);
      }
    }
    this.#checkBytes();
    this.#endReading(entries);
    this.#addPresent(entries.filter((entry) => !entry.isPresent));
  }

  /** Stops waiting for the reply to the call that was sent at logical time `since`. */
  failed(since: number): void {
    if (since >= this.#clearTime) this.#endReading();
  }

  /** Removes all interfaces, and ignores the replies to all earlier calls. */
  clear(): void {
    this.#isReading = false;
    this.#clearTime = this.#clock.tick();
    for (const entry of [...this.#entries.values()]) this.#makeAbsent(entry);
  }

  #ensureEntry(path: string, interfaceName: string): Entry | undefined {
    const key = keyOf(path, interfaceName);
    const existing = this.#entries.get(key);
    const contract = this.#contracts.get(interfaceName);
    if (existing !== undefined || contract === undefined) return existing;
    if (this.#entries.size >= this.#limits.maxInterfaces)
      throw new StateLimitError(`objects have more than ${this.#limits.maxInterfaces} interfaces`);
    this.#bytes += path.length;
    const store = this.#newStore(contract);
    const entry: Entry = { path, interfaceName, store, isPresent: false, signalTime: 0 };
    this.#entries.set(key, entry);
    return entry;
  }

  /** Marks all entries as present, and then notifies the listener, which may remove some of them. */
  #addPresent(added: readonly Entry[]): void {
    for (const entry of added) entry.isPresent = true;
    for (const { path, interfaceName, store, isPresent } of added) {
      if (isPresent) this.#listener.added(path, interfaceName, store);
    }
  }

  #makeAbsent(entry: Entry): void {
    const { path, interfaceName, store, isPresent } = entry;
    entry.isPresent = false;
    entry.store = this.#newStore(store.contract);
    if (!this.#isReading) this.#delete(entry);
    if (isPresent) this.#listener.removed(path, interfaceName);
    store.clear();
  }

  /**
   * Deletes the entries of absent interfaces, which are needed only while a reply is pending.
   *
   * @param kept - Entries that must not be deleted.
   */
  #endReading(kept: readonly Entry[] = []): void {
    this.#isReading = false;
    const keep = new Set(kept);
    for (const entry of this.#entries.values()) if (!entry.isPresent && !keep.has(entry)) this.#delete(entry);
  }

  #newStore(contract: InterfaceContract): PropertyStore {
    return new PropertyStore(contract, this.#clock, (previous, value) => {
      this.#bytes += valueBytes(value) - valueBytes(previous);
    });
  }

  #delete({ path, interfaceName, store }: Entry): void {
    if (this.#entries.delete(keyOf(path, interfaceName))) this.#bytes -= path.length;
    store.clear();
  }

  #checkBytes(): void {
    const { maxBytes } = this.#limits;
    if (this.#bytes > maxBytes) throw new StateLimitError(`objects have values of more than ${maxBytes} bytes`);
  }
}

function keyOf(path: string, interfaceName: string): string {
  return `${path}\n${interfaceName}`;
}
