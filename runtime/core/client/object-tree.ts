import type { InterfaceContract } from "../contract.ts";
import { Clock, PropertyStore, type PropertyValues } from "./property-store.ts";

/** The interfaces of an object with their property values, by interface name. */
export type InterfaceValues = ReadonlyMap<string, PropertyValues>;

/** Is told which interfaces come and go. Must not throw. */
export interface TreeListener {
  added(path: string, interfaceName: string, store: PropertyStore): void;
  removed(path: string, interfaceName: string): void;
}

interface Entry {
  readonly path: string;
  readonly interfaceName: string;
  store: PropertyStore;
  /** Whether the object has it; else it was removed, or only its properties were heard of, while a reply was awaited. */
  present: boolean;
  /** When a signal last said whether it is there. */
  heard: number;
}

/**
 * The interfaces of the objects of one manager. It is fed with what the service says, in the order in which it comes; what
 * a signal says is never undone by the reply to a call that was sent before the signal came.
 */
export class ObjectTree {
  readonly #contracts: ReadonlyMap<string, InterfaceContract>;
  readonly #listener: TreeListener;
  readonly #clock = new Clock();
  readonly #entries = new Map<string, Entry>();
  #cleared = 0;
  /** Whether a reply with all objects is awaited. */
  #reading = false;

  /** @param contracts - The interfaces of interest by name; others are left out. */
  constructor(contracts: ReadonlyMap<string, InterfaceContract>, listener: TreeListener) {
    this.#contracts = contracts;
    this.#listener = listener;
  }

  /** Remembers the moment at which GetManagedObjects is sent, for `fill`. One reply is awaited at a time, or cleared. */
  begin(): number {
    this.#reading = true;
    return this.#clock.now;
  }

  /** Takes InterfacesAdded. */
  added(path: string, interfaces: InterfaceValues): void {
    const heard = this.#clock.tick();
    const entries = [...interfaces].flatMap(([name, values]) => {
      const entry = this.#entry(path, name);
      if (entry === undefined) return [];
      entry.heard = heard;
      entry.store.fill(values, heard);
      return [entry];
    });
    this.#present(entries.filter((entry) => !entry.present));
  }

  /** Takes InterfacesRemoved. */
  removed(path: string, interfaces: readonly string[]): void {
    const heard = this.#clock.tick();
    for (const name of interfaces) {
      const entry = this.#reading ? this.#entry(path, name) : this.#entries.get(keyOf(path, name));
      if (entry === undefined) continue;
      entry.heard = heard;
      this.#absent(entry);
    }
  }

  /** Takes PropertiesChanged. */
  changed(path: string, interfaceName: string, changed: PropertyValues, invalidated: readonly string[]): void {
    const known = this.#entries.get(keyOf(path, interfaceName));
    const entry = this.#reading ? this.#entry(path, interfaceName) : known;
    entry?.store.announce(changed, invalidated);
  }

  /** Takes all objects, from the reply to a call that was sent at the moment `since`. */
  fill(objects: ReadonlyMap<string, InterfaceValues>, since: number): void {
    if (since < this.#cleared) return;
    const entries: Entry[] = [];
    for (const [path, interfaces] of objects) {
      for (const [name, values] of interfaces) {
        const entry = this.#entry(path, name);
        if (entry === undefined || (entry.heard > since && !entry.present)) continue;
        entry.store.fill(values, since);
        entries.push(entry);
      }
    }
    this.#doneReading(entries);
    this.#present(entries.filter((entry) => !entry.present));
  }

  /** There will be no reply to the call that was sent at the moment `since`. */
  failed(since: number): void {
    if (since >= this.#cleared) this.#doneReading();
  }

  /** Forgets everything, and makes the replies to all calls that were sent before too old. */
  clear(): void {
    this.#reading = false;
    this.#cleared = this.#clock.tick();
    for (const entry of [...this.#entries.values()]) this.#absent(entry);
  }

  #entry(path: string, interfaceName: string): Entry | undefined {
    const key = keyOf(path, interfaceName);
    const found = this.#entries.get(key);
    const contract = this.#contracts.get(interfaceName);
    if (found !== undefined || contract === undefined) return found;
    const store = new PropertyStore(contract, this.#clock);
    const entry: Entry = { path, interfaceName, store, present: false, heard: 0 };
    this.#entries.set(key, entry);
    return entry;
  }

  /** All are there before anybody is told of one, which may lead to their end. */
  #present(fresh: readonly Entry[]): void {
    for (const entry of fresh) entry.present = true;
    for (const { path, interfaceName, store, present } of fresh) {
      if (present) this.#listener.added(path, interfaceName, store);
    }
  }

  #absent(entry: Entry): void {
    const { path, interfaceName, store, present } = entry;
    entry.present = false;
    entry.store = new PropertyStore(store.contract, this.#clock);
    if (!this.#reading) this.#entries.delete(keyOf(path, interfaceName));
    if (present) this.#listener.removed(path, interfaceName);
    store.clear();
  }

  /** Entries that are absent mattered only to the reply that was awaited. */
  #doneReading(kept: readonly Entry[] = []): void {
    this.#reading = false;
    const keep = new Set(kept);
    for (const [key, entry] of this.#entries) if (!entry.present && !keep.has(entry)) this.#entries.delete(key);
  }
}

function keyOf(path: string, interfaceName: string): string {
  return `${path}\n${interfaceName}`;
}
