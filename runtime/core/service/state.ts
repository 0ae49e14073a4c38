import type { InterfaceContract } from "../contract.ts";
import { InvalidValueError } from "../wire/errors.ts";
import { type Members, membersOf, type PropertyMember, type SignalMember } from "./members.ts";
import { PropertyValues } from "./property-values.ts";
import { written } from "./scratch.ts";

/** Where a service is served: what it has to announce goes out there. */
export interface Announcer {
  /** Emits to everybody who listens, or to one bus name. */
  emit(signal: SignalMember, args: readonly unknown[], destination?: string): void;
  /** Must not throw. */
  announce(changed: PropertyValues, invalidated: readonly string[]): void;
}

/** States with changes that are not announced yet. */
const changed = new Set<ServiceState>();

/** Announces all that changed until now, of every service: who made it happen hears of it before its reply. */
export function announceChanges(): void {
  for (const state of changed) state.announce();
}

/** The property values of one service and where it is served. */
export class ServiceState {
  readonly contract: InterfaceContract;
  readonly members: Members;
  readonly #values = new Map<string, unknown>();
  readonly #encoded = new Map<string, Uint8Array>();
  readonly #announcers = new Set<Announcer>();
  readonly #changed = new Set<PropertyMember>();

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

  /** What changed until now is still announced there. */
  unserveAt(announcer: Announcer): void {
    this.announce();
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
    if (changed.size === 0) queueMicrotask(announceChanges);
    changed.add(this);
    this.#changed.add(property);
  }

  /** Announces what changed now instead of at the end of the tick. */
  announce(): void {
    changed.delete(this);
    if (this.#changed.size === 0) return;
    const values = new PropertyValues();
    const invalidated: string[] = [];
    for (const property of this.#changed) {
      if (property.contract.emits === "invalidates") invalidated.push(property.contract.name);
      else values.set(property, this.get(property.key));
    }
    this.#changed.clear();
    for (const announcer of this.#announcers) announcer.announce(values, invalidated);
  }

  /**
   * Emits a signal wherever the service is served; property changes made before it go out before it.
   *
   * @param destination - Bus name of the only receiver.
   */
  emit(key: string, args: readonly unknown[], destination?: string): void {
    const signal = this.members.signalsByKey.get(key);
    if (signal === undefined) throw new InvalidValueError(`there is no signal ${JSON.stringify(key)}`);
    this.announce();
    if (!this.served) written((writer) => signal.args.encode(writer, args));
    for (const announcer of this.#announcers) announcer.emit(signal, args, destination);
  }

  #store(property: PropertyMember, value: unknown): boolean {
    const encoded = written((writer) => property.value.encode(writer, [value]));
    const before = this.#encoded.get(property.key);
    this.#values.set(property.key, value);
    this.#encoded.set(property.key, encoded);
    return before === undefined || Buffer.compare(before, encoded) !== 0;
  }
}

/** A value that only its writer knows is never announced. */
function isAnnounced({ contract }: PropertyMember): boolean {
  return contract.access !== "write" && (contract.emits === "true" || contract.emits === "invalidates");
}
