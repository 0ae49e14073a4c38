import type { InterfaceContract } from "../contract.ts";
import { AccessDeniedError } from "../standard-errors.ts";
import type { MaybePromise } from "../values.ts";
import { assertSyntax } from "../wire/assert-syntax.ts";
import { isBusName } from "../wire/name-syntax.ts";
import type { AuthorizedMember } from "./authorization.ts";
import type { Incoming } from "./incoming-call.ts";
import { SERVED, type ServedInterface } from "./served-interface.ts";
import { ServedService } from "./served-service.ts";
import { bindProperties, bindSignals, type ServiceProperties, type ServiceSignals } from "./service-accessors.ts";
import { ServiceState } from "./service-state.ts";

/** Any service, as `bus.serve` accepts it. */
export interface AnyService {
  /** @internal */
  readonly [SERVED]: ServedInterface;
}

/**
 * Base class of services: a service implements one interface. Generated subclasses have an abstract method for each
 * method of the interface. A handler gets the arguments of the call and, as the last argument, the call itself with its
 * caller. If a handler throws a DBusError, the reply is that error; if it throws anything else, the reply is
 * `org.freedesktop.DBus.Error.Failed` without the text. The time that a handler takes is not limited: the caller has a
 * timeout, and the number of unfinished calls per caller is limited.
 */
export abstract class Service<C extends InterfaceContract, P extends object = object, S extends object = object> {
  /**
   * Current property values. An assignment throws InvalidValueError if the value does not fit the property's type. If
   * the value differs and the spec declares announcements, PropertiesChanged is emitted at the end of the tick. If a
   * handler changes properties of any service before it returns, the changes are announced before its reply.
   */
  readonly properties: ServiceProperties<P>;
  /** Functions that emit signals at all paths of the service. They throw InvalidValueError if arguments do not fit. */
  readonly signals: ServiceSignals<S>;
  readonly #state: ServiceState;

  /**
   * The served interface of the service. It is declared without a value, because bundlers cannot remove an unused class
   * that defines a member with a computed name.
   *
   * @internal
   */
  declare readonly [SERVED]: ServedInterface;

  /**
   * @param properties - Initial value of each property. Later changes of the object have no effect.
   * @throws InvalidValueError that names a property whose value does not fit its type.
   */
  constructor(contract: C, properties: P) {
    this.#state = new ServiceState(contract, properties);
    this.properties = bindProperties(this.#state);
    this.signals = bindSignals(this.#state);
    const served = new ServedService(this, this.#state, {
      authorizesAll: this.$authorize !== Service.prototype.$authorize,
      authorize: (member, incoming) => this.$authorize(member, incoming),
      // The key and value were checked against the contract, from which P was generated.
      beforeSet: (key, value, incoming) => this.$beforeSet(key as never, value as never, incoming),
    });
    Object.defineProperty(this, SERVED, { value: served });
  }

  /**
   * Returns functions that emit signals to one receiver only. The receiver needs no match rule.
   *
   * @param destination - Bus name of the receiver, such as `incoming.sender`.
   * @throws InvalidValueError if `destination` is not a bus name.
   */
  protected $signalsTo(destination: string): ServiceSignals<S> {
    assertSyntax(destination, isBusName, "destination", "a bus name");
    return bindSignals(this.#state, destination);
  }

  /**
   * Makes a property return the result of `read` whenever the property is read. `read` must return a value of the
   * property's type and must not throw. Changes of the value are not announced; assignments have no effect.
   */
  protected $compute<K extends keyof P & string>(key: K, read: () => P[K]): void {
    this.#state.compute(key, read);
  }

  /**
   * Decides whether a caller may call a method or set a property. Called before the handler runs or the property
   * changes. If it throws, the reply is the error, and nothing else happens. The default refuses members that the spec
   * annotates as privileged with AccessDeniedError and allows all others. If it returns a promise, the call is delayed;
   * later calls do not wait.
   */
  protected $authorize(member: AuthorizedMember, _incoming: Incoming): MaybePromise<void> {
    if (member.privileged) throw new AccessDeniedError(`${member.name} needs a privilege`);
  }

  /**
   * Checks a value that a client sets. Called before the property changes. If it throws, the reply is the error, and
   * the property keeps its value. The default accepts every value of the property's type.
   */
  protected $beforeSet(_key: keyof P, _value: P[keyof P], _incoming: Incoming): MaybePromise<void> {}
}
