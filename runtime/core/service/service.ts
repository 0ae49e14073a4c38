import type { InterfaceContract } from "../contract.ts";
import type { MaybePromise } from "../values.ts";
import type { Incoming } from "./incoming.ts";
import { ServiceState } from "./state.ts";

/** Properties of a service: assigning a value announces it. */
export type ServiceProperties<P> = { -readonly [K in keyof P]: P[K] };

/** Signals of a service: calling one emits it. */
export type ServiceSignals<S> = {
  readonly [K in keyof S]: (...args: S[K] extends readonly unknown[] ? S[K] : never) => void;
};

/** Any service, as `bus.serve` takes it. */
export type AnyService = Service<InterfaceContract, object, object>;

/** What the runtime does with a service and its subclasses do not see. */
export interface ServiceInside {
  readonly state: ServiceState;
  /** Asks `$beforeSet`, then stores and announces the value. */
  set(key: string, value: unknown, incoming: Incoming): Promise<void>;
}

/** The inside of a service. */
export let insideOf: (service: AnyService) => ServiceInside;

/**
 * Serves one interface. Generated classes extend it with an abstract method for each method of the interface; a handler
 * gets the arguments of the call and, last, who made it. What it throws is the answer: a DBusError as it is, anything
 * else as `org.freedesktop.DBus.Error.Failed` without its text.
 */
export abstract class Service<C extends InterfaceContract, P extends object, S extends object> {
  /**
   * The current values. Assigning one checks it, throwing InvalidValueError when it does not fit its type, and announces
   * it by PropertiesChanged at the end of the tick, where it is another value and the spec says that it announces itself.
   */
  readonly properties: ServiceProperties<P>;
  /** Emits signals, wherever the service is served. Arguments that do not fit throw InvalidValueError. */
  readonly signals: ServiceSignals<S>;
  readonly #state: ServiceState;

  static {
    insideOf = (service) => ({
      state: service.#state,
      async set(key, value, incoming) {
        // The key and value were checked against the contract; P is only its TypeScript view.
        await service.$beforeSet(key as never, value as never, incoming);
        service.#state.set(key, value);
      },
    });
  }

  /**
   * @param properties - A value for each property; not kept, later changes to the object have no effect.
   * @throws InvalidValueError that names a property whose value does not fit its type.
   */
  constructor(contract: C, properties: P) {
    this.#state = new ServiceState(contract, properties);
    this.properties = bindProperties(this.#state);
    this.signals = bindSignals(this.#state);
  }

  /**
   * Called when a peer sets a property, before it changes. What it throws is the answer, and the property stays as it is.
   * By default every value of the right type is taken.
   */
  protected $beforeSet(_key: keyof P, _value: P[keyof P], _incoming: Incoming): MaybePromise<void> {}
}

const stateOf = Symbol("state");
interface Bound {
  readonly [stateOf]: ServiceState;
}
const propertyPrototypes = new WeakMap<InterfaceContract, object>();
const signalPrototypes = new WeakMap<InterfaceContract, object>();

/** Accessors live on one prototype per contract, so that a service costs the same whatever its interface has. */
function bindProperties<P>(state: ServiceState): ServiceProperties<P> {
  const prototype = remembered(propertyPrototypes, state.contract, (accessors) => {
    for (const key of Object.keys(state.contract.properties)) {
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

function bindSignals<S>(state: ServiceState): ServiceSignals<S> {
  const prototype = remembered(signalPrototypes, state.contract, (accessors) => {
    for (const key of Object.keys(state.contract.signals)) {
      Object.defineProperty(accessors, key, {
        enumerable: true,
        get(this: Bound) {
          const emitter = this[stateOf];
          return (...args: readonly unknown[]): void => emitter.emit(key, args);
        },
      });
    }
  });
  // The prototype has exactly the keys of the contract, which S was generated from.
  return bind(prototype, state) as ServiceSignals<S>;
}

function bind(prototype: object, state: ServiceState): unknown {
  return Object.freeze(Object.create(prototype, { [stateOf]: { value: state } }));
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
