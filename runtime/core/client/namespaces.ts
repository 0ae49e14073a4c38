import type { InterfaceContract, MembersOf } from "../contract.ts";
import { type Property, type ReadableProperty, RemoteProperty, type WritableProperty } from "./property.ts";
import type { Remote } from "./remote.ts";
import { RemoteSignal, type Signal } from "./signal.ts";

/** Access of a property in a contract. */
export type AccessOf<C extends InterfaceContract, K> = K extends keyof MembersOf<C, "properties">
  ? MembersOf<C, "properties">[K]["access"]
  : never;

/** The properties of a remote object, each with what its access allows. */
export type ClientProperties<C extends InterfaceContract, P> = {
  readonly [K in keyof P]-?: AccessOf<C, K> extends "read"
    ? ReadableProperty<P[K]>
    : AccessOf<C, K> extends "write"
      ? WritableProperty<P[K]>
      : Property<P[K]>;
};

/** The signals of a remote object. */
export type ClientSignals<S> = { readonly [K in keyof S]: Signal<S[K] extends readonly unknown[] ? S[K] : never> };

const remoteOf = Symbol("remote");
interface Bound {
  readonly [remoteOf]: Remote;
}

const propertyPrototypes = new WeakMap<InterfaceContract, object>();
const signalPrototypes = new WeakMap<InterfaceContract, object>();

/** The properties of a remote object; one prototype per contract makes each at its first use. */
export function bindProperties<C extends InterfaceContract, P>(remote: Remote): ClientProperties<C, P> {
  const { properties = {} } = remote.contract;
  const prototype = prototypeOf(
    propertyPrototypes,
    remote.contract,
    properties,
    (on, property, key) => new RemoteProperty(on, property, key),
  );
  // The prototype has exactly the keys of the contract, which P was generated from.
  return Object.create(prototype, { [remoteOf]: { value: remote } }) as ClientProperties<C, P>;
}

/** The signals of a remote object; one prototype per contract makes each at its first use. */
export function bindSignals<S>(remote: Remote): ClientSignals<S> {
  const { signals = {} } = remote.contract;
  const prototype = prototypeOf(
    signalPrototypes,
    remote.contract,
    signals,
    (on, signal) => new RemoteSignal(on, signal),
  );
  // The prototype has exactly the keys of the contract, which S was generated from.
  return Object.create(prototype, { [remoteOf]: { value: remote } }) as ClientSignals<S>;
}

function prototypeOf<Member>(
  known: WeakMap<InterfaceContract, object>,
  contract: InterfaceContract,
  members: Readonly<Record<string, Member>>,
  make: (remote: Remote, member: Member, key: string) => object,
): object {
  const found = known.get(contract);
  if (found !== undefined) return found;
  const prototype: object = Object.create(null);
  for (const [key, member] of Object.entries(members)) {
    Object.defineProperty(prototype, key, {
      enumerable: true,
      get(this: Bound) {
        const value = make(this[remoteOf], member, key);
        Object.defineProperty(this, key, { value, enumerable: true });
        return value;
      },
    });
  }
  known.set(contract, prototype);
  return prototype;
}
