import type { InterfaceContract } from "../contract.ts";
import type { ServiceState } from "./state.ts";

/** Properties of a service: assigning a value announces it. */
export type ServiceProperties<P> = { -readonly [K in keyof P]: P[K] };

/** Signals of a service: calling one emits it. */
export type ServiceSignals<S> = {
  readonly [K in keyof S]: (...args: S[K] extends readonly unknown[] ? S[K] : never) => void;
};

const stateOf = Symbol("state");
const receiverOf = Symbol("receiver");
interface Bound {
  readonly [stateOf]: ServiceState;
  /** Bus name of the only receiver of signals. */
  readonly [receiverOf]?: string;
}
const propertyPrototypes = new WeakMap<InterfaceContract, object>();
const signalPrototypes = new WeakMap<InterfaceContract, object>();

/** The properties of a service. Accessors live on one prototype per contract, so that a service costs the same whatever it has. */
export function bindProperties<P>(state: ServiceState): ServiceProperties<P> {
  const prototype = remembered(propertyPrototypes, state.contract, (accessors) => {
    for (const key of Object.keys(state.contract.properties ?? {})) {
      Object.defineProperty(accessors, key, {
        enumerable: true,
        get(this: Bound) {
          return this[stateOf].get(key);
        },
        set(this: Bound, value: unknown) {
          this[stateOf].set(key, value);
        },
      });
    }
  });
  // The prototype has exactly the keys of the contract, which P was generated from.
  return bind(prototype, state) as ServiceProperties<P>;
}

/** The signals of a service: to everybody who listens, or to one receiver. */
export function bindSignals<S>(state: ServiceState, receiver?: string): ServiceSignals<S> {
  const prototype = remembered(signalPrototypes, state.contract, (accessors) => {
    for (const key of Object.keys(state.contract.signals ?? {})) {
      Object.defineProperty(accessors, key, {
        enumerable: true,
        get(this: Bound) {
          const emitter = this[stateOf];
          const destination = this[receiverOf];
          return (...args: readonly unknown[]): void => emitter.emit(key, args, destination);
        },
      });
    }
  });
  // The prototype has exactly the keys of the contract, which S was generated from.
  return bind(prototype, state, receiver) as ServiceSignals<S>;
}

function bind(prototype: object, state: ServiceState, receiver?: string): unknown {
  return Object.freeze(Object.create(prototype, { [stateOf]: { value: state }, [receiverOf]: { value: receiver } }));
}

function remembered(
  prototypes: WeakMap<InterfaceContract, object>,
  contract: InterfaceContract,
  fill: (prototype: object) => void,
): object {
  let prototype = prototypes.get(contract);
  if (prototype === undefined) {
    prototype = Object.create(null) as object;
    fill(prototype);
    prototypes.set(contract, prototype);
  }
  return prototype;
}
