import type { InterfaceContract, MembersOf } from "../contract.ts";
import type { CachedInterface } from "./cached-interface.ts";
import { type Property, type ReadableProperty, RemoteProperty, type WritableProperty } from "./property.ts";
import { RemoteSignal, type Signal } from "./signal.ts";

/** Access of a property in a contract. */
export type AccessOf<C extends InterfaceContract, K> = K extends keyof MembersOf<C, "properties">
  ? MembersOf<C, "properties">[K]["access"]
  : never;

/**
 * Values of the properties of a remote interface that can be read. A property is absent if the service leaves it out, or
 * if its type differs from the contract.
 */
export type ClientValues<C extends InterfaceContract, P> = {
  readonly [K in keyof P as AccessOf<C, K> extends "write" ? never : K]?: P[K];
};

/** Properties of a remote interface, each with the operations that its access allows. */
export type ClientProperties<C extends InterfaceContract, P> = {
  readonly [K in keyof P]-?: AccessOf<C, K> extends "read"
    ? ReadableProperty<P[K]>
    : AccessOf<C, K> extends "write"
      ? WritableProperty<P[K]>
      : Property<P[K]>;
};

/** Signals of a remote interface. */
export type ClientSignals<S> = { readonly [K in keyof S]: Signal<S[K] extends readonly unknown[] ? S[K] : never> };

const remoteKey = Symbol("remote");
interface Accessors {
  readonly [remoteKey]: CachedInterface;
}

const propertyPrototypes = new WeakMap<InterfaceContract, object>();
const signalPrototypes = new WeakMap<InterfaceContract, object>();

/**
 * Returns an object with all properties of a remote interface. Each property is created at its first use, by a
 * prototype that all clients of the contract share.
 */
export function bindProperties<C extends InterfaceContract, P>(remote: CachedInterface): ClientProperties<C, P> {
  const { properties = {} } = remote.contract;
  const prototype = prototypeOf(
    propertyPrototypes,
    remote.contract,
    properties,
    (owner, property, key) => new RemoteProperty(owner, property, key),
  );
  // The prototype has exactly the keys of the contract, from which P was generated.
  return Object.create(prototype, { [remoteKey]: { value: remote } }) as ClientProperties<C, P>;
}

/**
 * Returns an object with all signals of a remote interface. Each signal is created at its first use, by a prototype
 * that all clients of the contract share.
 */
export function bindSignals<S>(remote: CachedInterface): ClientSignals<S> {
  const { signals = {} } = remote.contract;
  const prototype = prototypeOf(
    signalPrototypes,
    remote.contract,
    signals,
    (owner, signal) => new RemoteSignal(owner, signal),
  );
  // The prototype has exactly the keys of the contract, from which S was generated.
  return Object.create(prototype, { [remoteKey]: { value: remote } }) as ClientSignals<S>;
}

function prototypeOf<Member>(
  prototypes: WeakMap<InterfaceContract, object>,
  contract: InterfaceContract,
  members: Readonly<Record<string, Member>>,
  create: (remote: CachedInterface, member: Member, key: string) => object,
): object {
  const existing = prototypes.get(contract);
  if (existing !== undefined) return existing;
  const prototype: object = Object.create(null);
  for (const [key, member] of Object.entries(members)) {
    Object.defineProperty(prototype, key, {
      enumerable: true,
      get(this: Accessors) {
        const value = create(this[remoteKey], member, key);
        Object.defineProperty(this, key, { value, enumerable: true });
        return value;
      },
    });
  }
  prototypes.set(contract, prototype);
  return prototype;
}
