import type { InterfaceContract } from "../contract.ts";
import { InvalidValueError } from "../wire/errors.ts";
import { encodeBody, type Members, membersOf, type PropertyMember } from "./members.ts";
import { PropertyValues } from "./property-values.ts";
import type { ServiceHost } from "./served-interface.ts";
import { SignalSink } from "./signal-sink.ts";

/** States of services with property changes that are not announced yet. */
const changedStates = new Set<ServiceState>();

/** Announces the pending property changes of all services, so that a caller receives them before the reply. */
export function announceAllChanges(): void {
  for (const state of changedStates) state.announceChanges();
}

/** Property values of one service, and the signal sinks of its paths. */
export class ServiceState {
  readonly contract: InterfaceContract;
  readonly members: Members;
  readonly #values = new Map<string, unknown>();
  readonly #encoded = new Map<string, Uint8Array>();
  readonly #computed = new Map<string, () => unknown>();
  readonly #sinks = new Set<SignalSink>();
  readonly #changed = new Set<PropertyMember>();

  /**
   * Stores the initial values of the properties. Throws InvalidValueError that names a property whose value does not
   * fit its type.
   */
  constructor(contract: InterfaceContract, initial: object) {
    this.contract = contract;
    this.members = membersOf(contract);
    for (const property of this.members.propertiesByKey.values()) {
      const value: unknown = Reflect.get(initial, property.key);
      if (value !== undefined || property.contract.access !== "write") this.#store(property, value);
    }
  }

  /** Whether the service is served at a path. */
  get isServed(): boolean {
    return this.#sinks.size > 0;
  }

  /**
   * Makes the service send its signals from another path, in addition to its present paths.
   *
   * @returns A function that announces the pending changes and ends sending from the path.
   */
  sendFrom(path: string, host: ServiceHost): () => void {
    const sink = new SignalSink(host, path, this.contract.name);
    this.#sinks.add(sink);
    return () => {
      this.announceChanges();
      this.#sinks.delete(sink);
    };
  }

  /** Makes a property return the result of `read` from now on. */
  compute(key: string, read: () => unknown): void {
    this.#computed.set(key, read);
  }

  get(key: string): unknown {
    const read = this.#computed.get(key);
    return read === undefined ? this.#values.get(key) : read();
  }

  /** Returns the values of the properties that clients can read. */
  readableValues(): PropertyValues {
    const values = new PropertyValues();
    for (const property of this.members.properties.values()) {
      if (property.contract.access !== "write") values.set(property, this.get(property.key));
    }
    return values;
  }

  /**
   * Stores a value. Announces it if its encoding differs from the previous value and the contract declares announcements.
   *
   * @throws InvalidValueError if the value does not fit the property's type. The previous value remains.
   */
  set(key: string, value: unknown): void {
    const property = this.members.propertiesByKey.get(key);
    if (property === undefined) throw new InvalidValueError(`there is no property ${JSON.stringify(key)}`);
    if (!this.#store(property, value) || !this.isServed || !isAnnounced(property)) return;
    if (changedStates.size === 0) queueMicrotask(announceAllChanges);
    changedStates.add(this);
    this.#changed.add(property);
  }

  /** Announces the pending changes now instead of at the end of the tick. */
  announceChanges(): void {
    changedStates.delete(this);
    if (this.#changed.size === 0) return;
    const values = new PropertyValues();
    const invalidated: string[] = [];
    for (const property of this.#changed) {
      if (property.contract.emits === "invalidates") invalidated.push(property.contract.name);
      else values.set(property, this.get(property.key));
    }
    this.#changed.clear();
    for (const sink of this.#sinks) sink.emitPropertiesChanged(values, invalidated);
  }

  /**
   * Emits a signal at all paths of the service, after the pending property changes.
   *
   * @param destination - Bus name of the only receiver.
   */
  emit(key: string, args: readonly unknown[], destination?: string): void {
    const signal = this.members.signalsByKey.get(key);
    if (signal === undefined) throw new InvalidValueError(`there is no signal ${JSON.stringify(key)}`);
    this.announceChanges();
    // Arguments that do not fit are an error also while the service is not served.
    if (!this.isServed) encodeBody(signal.args, args);
    for (const sink of this.#sinks) sink.emit(signal, args, destination);
  }

  /** Stores a value and returns whether its encoding differs from the previous one. */
  #store(property: PropertyMember, value: unknown): boolean {
    const encoded = encodeBody(property.value, [value]);
    const previous = this.#encoded.get(property.key);
    this.#values.set(property.key, value);
    this.#encoded.set(property.key, encoded);
    return previous === undefined || Buffer.compare(previous, encoded) !== 0;
  }
}

/**
 * Returns whether changes of a property are announced. Returns false for write-only properties, whose values are not
 * public.
 */
function isAnnounced({ contract }: PropertyMember): boolean {
  return contract.access !== "write" && (contract.emits === "true" || contract.emits === "invalidates");
}
