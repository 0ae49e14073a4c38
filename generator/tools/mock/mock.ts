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

/** A mock of a service. It replies to every method of a contract and records the calls. */
export interface Mock<C extends InterfaceContract> {
  /** The service to pass to `bus.serve`. */
  readonly service: AnyService;
  /** Values of the properties. An assignment emits PropertiesChanged. */
  readonly properties: ServiceProperties<PropertiesOf<C>>;
  /** Functions that emit signals from every object at which the mock is served. */
  readonly signals: ServiceSignals<SignalsOf<C>>;
  /** Method calls in the order of their arrival. */
  readonly calls: readonly MockCall<C>[];
  /** Properties that clients have set, in order. */
  readonly writes: readonly MockWrite<C>[];
  /** Adds handlers. A handler of the same method is replaced. */
  handle(handlers: Handlers<C>): void;
  /**
   * Calls a function before a client's change of a property. An exception is the error reply, and the property keeps its
   * value. A function that was given before is replaced.
   */
  beforeWrite(listener: (write: MockWrite<C>) => void): void;
  /** Clears the recorded calls and writes. */
  forget(): void;
}

/** A recorded method call. */
export type MockCall<C extends InterfaceContract> = {
  readonly [K in keyof MembersOf<C, "methods">]: {
    readonly method: K;
    readonly args: ArgumentsOf<MembersOf<C, "methods">[K]["in"]>;
    readonly incoming: Incoming;
  };
}[keyof MembersOf<C, "methods">];

/** A recorded change of a property by a client. */
export type MockWrite<C extends InterfaceContract> = {
  readonly [K in keyof MembersOf<C, "properties">]: {
    readonly property: K;
    readonly value: ValueOf<MembersOf<C, "properties">[K]>;
    readonly incoming: Incoming;
  };
}[keyof MembersOf<C, "properties">];

/**
 * Returns a mock of a service from its generated contract. A method without a handler replies with empty values of its
 * output types. A property without an initial value has the empty value of its type.
 *
 * @param handlers - Handlers by TypeScript method name. An exception becomes the error reply.
 * @param properties - Initial values by TypeScript property name.
 * @throws InvalidValueError if the initial value of a property does not match its type. The message contains the name
 *   of the property.
 */
export function mock<const C extends InterfaceContract>(
  contract: C,
  handlers: Handlers<C> = {},
  properties: Partial<PropertiesOf<C>> = {},
): Mock<C> {
  const calls: MockCall<C>[] = [];
  const writes: MockWrite<C>[] = [];
  let listener = (_write: MockWrite<C>): void => {};
  const handlersByKey = new Map<string, unknown>(Object.entries(handlers));
  const service = new MockService(contract, properties, {
    call(key, args, incoming) {
      // The runtime decoded the arguments by the contract, from which the type is derived.
      calls.push({ method: key, args, incoming } as unknown as MockCall<C>);
      const handler = handlersByKey.get(key);
      if (typeof handler === "function") return Reflect.apply(handler, undefined, [...args, incoming]);
      return defaultResult(contract.methods?.[key]?.out ?? []);
    },
    beforeSet(key, value, incoming) {
      // The runtime decoded the value by the contract, from which the type is derived.
      const write = { property: key, value, incoming } as unknown as MockWrite<C>;
      listener(write);
      writes.push(write);
    },
  });
  return {
    service,
    // Both have exactly the keys of the contract, from which the types are derived.
    properties: service.properties as ServiceProperties<PropertiesOf<C>>,
    signals: service.signals as unknown as ServiceSignals<SignalsOf<C>>,
    calls,
    writes,
    handle: (more) => {
      for (const [key, handler] of Object.entries(more)) handlersByKey.set(key, handler);
    },
    beforeWrite: (replacement) => {
      listener = replacement;
    },
    forget: () => {
      calls.length = 0;
      writes.length = 0;
    },
  };
}
