import type { InterfaceContract } from "../contract.ts";
import { AccessDeniedError } from "../standard-errors.ts";
import type { MaybePromise } from "../values.ts";
import { assertSyntax } from "../wire/assert-syntax.ts";
import { isBusName } from "../wire/name-syntax.ts";
import type { AuthorizedMember } from "./authorization.ts";
import type { Incoming } from "./incoming.ts";
import { bindProperties, bindSignals, type ServiceProperties, type ServiceSignals } from "./namespaces.ts";
import { ServiceState } from "./state.ts";

/** Any service, as `bus.serve` takes it. */
export type AnyService = Service<InterfaceContract>;

/** What the runtime does with services and their subclasses do not see. */
export interface ServiceInside {
  state(service: AnyService): ServiceState;
  /** Whether a subclass has its own `$authorize`. */
  isGuarded(service: AnyService): boolean;
  authorize(service: AnyService, member: AuthorizedMember, incoming: Incoming): MaybePromise<void>;
  /** Asks `$beforeSet`, then stores and announces the value. */
  set(service: AnyService, key: string, value: unknown, incoming: Incoming): Promise<void>;
}

export let inside: ServiceInside;

/**
 * Serves one interface. Generated classes extend it with an abstract method for each method of the interface; a handler
 * gets the arguments of the call and, last, who made it. What it throws is the answer: a DBusError as it is, anything
 * else as `org.freedesktop.DBus.Error.Failed` without its text. It may take as long as it likes: the caller has its own
 * deadline, and how many calls of one caller are in flight is limited.
 */
export abstract class Service<C extends InterfaceContract, P extends object = object, S extends object = object> {
  /**
   * The current values. Assigning one checks it, throwing InvalidValueError when it does not fit its type, and announces
   * it by PropertiesChanged at the end of the tick, where it is another value and the spec says that it announces itself.
   * What a handler changes before it returns, of any service, is announced before its reply.
   */
  readonly properties: ServiceProperties<P>;
  /** Emits signals, wherever the service is served. Arguments that do not fit throw InvalidValueError. */
  readonly signals: ServiceSignals<S>;
  readonly #state: ServiceState;

  static {
    inside = {
      state: (service) => service.#state,
      isGuarded: (service) => service.$authorize !== Service.prototype.$authorize,
      authorize: (service, member, incoming) => service.$authorize(member, incoming),
      async set(service, key, value, incoming) {
        // The key and value were checked against the contract; P is only its TypeScript view.
        await service.$beforeSet(key as never, value as never, incoming);
        service.#state.set(key, value);
      },
    };
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
   * The signals, sent to one receiver alone, whether or not it listens.
   *
   * @param destination - Bus name of the receiver, such as `incoming.sender`.
   * @throws InvalidValueError when it is not a bus name.
   */
  protected $signalsTo(destination: string): ServiceSignals<S> {
    assertSyntax(destination, isBusName, "destination", "a bus name");
    return bindSignals(this.#state, destination);
  }

  /**
   * Called before the handler of a method runs and before a peer sets a property. What it throws is the answer, and
   * nothing happens. By default members that the spec annotates as privileged are refused with AccessDeniedError, and
   * everything else is allowed. A promise delays the call; later calls do not wait for it.
   */
  protected $authorize(member: AuthorizedMember, _incoming: Incoming): MaybePromise<void> {
    if (member.privileged) throw new AccessDeniedError(`${member.name} needs a privilege`);
  }

  /**
   * Called when a peer sets a property, before it changes. What it throws is the answer, and the property stays as it is.
   * By default every value of the right type is taken.
   */
  protected $beforeSet(_key: keyof P, _value: P[keyof P], _incoming: Incoming): MaybePromise<void> {}
}
