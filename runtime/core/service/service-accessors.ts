import type { InterfaceContract } from "../contract.ts";
import type { ServiceState } from "./service-state.ts";

/** Properties of a service by identifier. An assignment announces the value. */
export type ServiceProperties<P> = { -readonly [K in keyof P]: P[K] };

/** Signals of a service by identifier, as functions that emit them. */
export type ServiceSignals<S> = {
  readonly [K in keyof S]: (...args: S[K] extends readonly unknown[] ? S[K] : never) => void;
};

const stateKey = Symbol("state");
const destinationKey = Symbol("destination");
interface Accessors {
  readonly [stateKey]: ServiceState;
  /** Bus name of the only receiver of the signals. If absent, all connections with a match rule receive them. */
  readonly [destinationKey]?: string;
}
const propertyPrototypes = new WeakMap<InterfaceContract, object>();
const signalPrototypes = new WeakMap<InterfaceContract, object>();

/**
 * Returns an object with a getter and a setter for each property. They are defined once per contract, on a prototype, so
 * that the memory of a service does not depend on the number of its properties.
 */
export function bindProperties<P>(state: ServiceState): ServiceProperties<P> {
  const prototype = prototypeOf(propertyPrototypes, state.contract, (accessors) => {
    for (const key of Object.keys(state.contract.properties ?? {})) {
      Object.defineProperty(accessors, key, {
        enumerable: true,
        get(this: Accessors) {
          return this[stateKey].get(key);
        },
        set(this: Accessors, value: unknown) {
          this[stateKey].set(key, value);
        },
      });
    }
  });
  // The prototype has exactly the keys of the contract, from which P was generated.
  return bind(prototype, state) as ServiceProperties<P>;
}

/**
 * Returns an object with a function for each signal. The function emits the signal to all listeners, or to one
 * destination.
 */
export function bindSignals<S>(state: ServiceState, destination?: string): ServiceSignals<S> {
  const prototype = prototypeOf(signalPrototypes, state.contract, (accessors) => {
    for (const key of Object.keys(state.contract.signals ?? {})) {
      Object.defineProperty(accessors, key, {
        enumerable: true,
        get(this: Accessors) {
          const emitter = this[stateKey];
          const receiver = this[destinationKey];
          return (...args: readonly unknown[]): void => emitter.emit(key, args, receiver);
        },
      });
    }
  });
  // The prototype has exactly the keys of the contract, from which S was generated.
  return bind(prototype, state, destination) as ServiceSignals<S>;
}

function bind(prototype: object, state: ServiceState, destination?: string): unknown {
  const bound = { [stateKey]: { value: state }, [destinationKey]: { value: destination } };
  return Object.freeze(Object.create(prototype, bound));
}

function prototypeOf(
  prototypes: WeakMap<InterfaceContract, object>,
  contract: InterfaceContract,
  defineAccessors: (prototype: object) => void,
): object {
  let prototype = prototypes.get(contract);
  if (prototype === undefined) {
    prototype = Object.create(null) as object;
    defineAccessors(prototype);
    prototypes.set(contract, prototype);
  }
  return prototype;
}
