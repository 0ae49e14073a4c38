import type { InterfaceContract } from "../contract.ts";
import { InvalidValueError } from "../wire/faults.ts";
import { Writer } from "../wire/writer.ts";
import { type Members, membersOf, type PropertyMember, type SignalMember } from "./members.ts";

/** Where a service is served: what it has to announce goes out there. */
export interface Announcer {
  emit(signal: SignalMember, args: readonly unknown[]): void;
  /** Must not throw. */
  announce(changed: ReadonlyMap<PropertyMember, unknown>, invalidated: readonly string[]): void;
}

/** The property values of one service and where it is served. */
export class ServiceState {
  readonly contract: InterfaceContract;
  readonly members: Members;
  readonly #values = new Map<string, unknown>();
  readonly #encoded = new Map<string, Uint8Array>();
  readonly #announcers = new Set<Announcer>();
  readonly #changed = new Set<PropertyMember>();
  readonly #writer = new Writer();

  /** Throws InvalidValueError that names a property whose value does not fit its type. */
  constructor(contract: InterfaceContract, initial: object) {
    this.contract = contract;
    this.members = membersOf(contract);
    for (const property of this.members.propertiesByKey.values()) {
      const value: unknown = Reflect.get(initial, property.key);
      if (value !== undefined || property.contract.access !== "write") this.#store(property, value);
    }
  }

  /** Whether the service is served somewhere. */
  get served(): boolean {
    return this.#announcers.size > 0;
  }

  serveAt(announcer: Announcer): void {
    this.#announcers.add(announcer);
  }

  unserveAt(announcer: Announcer): void {
    this.#announcers.delete(announcer);
  }

  get(key: string): unknown {
    return this.#values.get(key);
  }

  /**
   * Stores a value and announces it, where it differs on the wire from the one before and the contract says so.
   *
   * @throws InvalidValueError when the value does not fit the property's type; the old value stays.
   */
  set(key: string, value: unknown): void {
    const property = this.members.propertiesByKey.get(key);
    if (property === undefined) throw new InvalidValueError(`there is no property ${JSON.stringify(key)}`);
    if (!this.#store(property, value) || !this.served || !isAnnounced(property)) return;
    if (this.#changed.size === 0) queueMicrotask(() => this.announce());
    this.#changed.add(property);
  }

  /** Announces what changed now instead of at the end of the tick. */
  announce(): void {
    if (this.#changed.size === 0) return;
    const changed = new Map<PropertyMember, unknown>();
    const invalidated: string[] = [];
    for (const property of this.#changed) {
      if (property.contract.emits === "invalidates") invalidated.push(property.contract.name);
      else changed.set(property, this.get(property.key));
    }
    this.#changed.clear();
    for (const announcer of this.#announcers) announcer.announce(changed, invalidated);
  }

  /** Emits a signal wherever the service is served; property changes made before it go out before it. */
  emit(key: string, args: readonly unknown[]): void {
    const signal = this.members.signalsByKey.get(key);
    if (signal === undefined) throw new InvalidValueError(`there is no signal ${JSON.stringify(key)}`);
    this.announce();
    if (!this.served) this.#encode(() => signal.args.encode(this.#writer, args));
    for (const announcer of this.#announcers) announcer.emit(signal, args);
  }

  #store(property: PropertyMember, value: unknown): boolean {
    const encoded = this.#encode(() => property.value.encode(this.#writer, [value]));
    const before = this.#encoded.get(property.key);
    this.#values.set(property.key, value);
    this.#encoded.set(property.key, encoded);
    return before === undefined || Buffer.compare(before, encoded) !== 0;
  }

  #encode(write: () => void): Uint8Array {
    try {
      write();
      return this.#writer.finish();
    } finally {
      this.#writer.reset();
    }
  }
}

/** A value that only its writer knows is never announced. */
function isAnnounced({ contract }: PropertyMember): boolean {
  return contract.access !== "write" && (contract.emits === "true" || contract.emits === "invalidates");
}
