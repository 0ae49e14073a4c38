import type {
  AnyService,
  Incoming,
  InterfaceContract,
  MembersOf,
  ServiceProperties,
  ServiceSignals,
} from "@dbus-codegen-ts/runtime";
import { defaultResult } from "./defaults.ts";
import type { ArgumentsOf, Handlers, PropertiesOf, SignalsOf, ValueOf } from "./handler-types.ts";
import { MockService } from "./mock-service.ts";

/** A stand-in for a service: it answers every method of a contract and remembers who asked. */
export interface Mock<C extends InterfaceContract> {
  /** What `bus.serve` takes. */
  readonly service: AnyService;
  /** The current values; assigning one announces it. */
  readonly properties: ServiceProperties<PropertiesOf<C>>;
  /** Emits signals, wherever the mock is served. */
  readonly signals: ServiceSignals<SignalsOf<C>>;
  /** Calls of methods, in the order in which they came. */
  readonly calls: readonly MockCall<C>[];
  /** What peers have set properties to, in order. */
  readonly writes: readonly MockWrite<C>[];
  /** Answers with these functions from now on, beside those that it has. */
  handle(handlers: Handlers<C>): void;
  /** Forgets calls and writes. */
  forget(): void;
}

/** A call as it came. */
export type MockCall<C extends InterfaceContract> = {
  readonly [K in keyof MembersOf<C, "methods">]: {
    readonly method: K;
    readonly args: ArgumentsOf<MembersOf<C, "methods">[K]["in"]>;
    readonly incoming: Incoming;
  };
}[keyof MembersOf<C, "methods">];

/** A property that a peer has set. */
export type MockWrite<C extends InterfaceContract> = {
  readonly [K in keyof MembersOf<C, "properties">]: {
    readonly property: K;
    readonly value: ValueOf<MembersOf<C, "properties">[K]>;
    readonly incoming: Incoming;
  };
}[keyof MembersOf<C, "properties">];

/**
 * Makes a stand-in for a service from its generated contract. Methods without a handler answer with empty values of
 * their types, and properties begin with them.
 *
 * @param handlers - Answers, by the identifiers of methods; what one throws is the answer.
 * @param properties - Values to begin with.
 * @throws InvalidValueError that names a property whose value does not fit its type.
 */
export function mock<const C extends InterfaceContract>(
  contract: C,
  handlers: Handlers<C> = {},
  properties: Partial<PropertiesOf<C>> = {},
): Mock<C> {
  const calls: MockCall<C>[] = [];
  const writes: MockWrite<C>[] = [];
  const answers = new Map<string, unknown>(Object.entries(handlers));
  const service = new MockService(contract, properties, {
    answer(key, args, incoming) {
      // The runtime has read the arguments by the contract, which the type was made from.
      calls.push({ method: key, args, incoming } as unknown as MockCall<C>);
      const handler = answers.get(key);
      if (typeof handler === "function") return Reflect.apply(handler, undefined, [...args, incoming]);
      return defaultResult(contract.methods?.[key]?.out ?? []);
    },
    beforeSet(key, value, incoming) {
      // As above: the value is of the property's type.
      writes.push({ property: key, value, incoming } as unknown as MockWrite<C>);
    },
  });
  return {
    service,
    // Both have exactly the keys of the contract, which the types were made from.
    properties: service.properties as ServiceProperties<PropertiesOf<C>>,
    signals: service.signals as unknown as ServiceSignals<SignalsOf<C>>,
    calls,
    writes,
    handle: (more) => {
      for (const [key, handler] of Object.entries(more)) answers.set(key, handler);
    },
    forget: () => {
      calls.length = 0;
      writes.length = 0;
    },
  };
}
