import type { InterfaceContract } from "../contract.ts";
import type { MaybePromise } from "../values.ts";
import { compileArguments } from "../wire/arguments-codec.ts";
import type { AuthorizedMember } from "./authorization.ts";
import { CallerRegistry } from "./caller-registry.ts";
import type { Incoming } from "./incoming-call.ts";
import { OBJECT_MANAGER } from "./managed-objects.ts";
import { type MethodMember, type Methods, methodsOf } from "./methods.ts";
import { PROPERTY_VALUES, PropertyValues } from "./property-values.ts";
import { EncodableResult, type Reply } from "./reply.ts";
import type { ObjectManagerCode, ServedInterface, ServedProperty, ServiceHost } from "./served-interface.ts";
import { StateProperty } from "./served-property.ts";
import { announceAllChanges, type ServiceState } from "./service-state.ts";

const ALL_PROPERTIES = /* @__PURE__ */ compileArguments([["properties", PROPERTY_VALUES]]);

/** The methods of a service that applications can override, except handlers. */
interface Overridable {
  /** Whether `$authorize` is overridden. */
  readonly authorizesAll: boolean;
  authorize(member: AuthorizedMember, incoming: Incoming): MaybePromise<void>;
  beforeSet(key: string, value: unknown, incoming: Incoming): MaybePromise<void>;
}

/** The served interface of a service whose handlers are methods of the service. */
export class ServedService implements ServedInterface {
  readonly methods: Methods;
  readonly #service: object;
  readonly #state: ServiceState;
  readonly #overridable: Overridable;

  /** Throws InvalidValueError if a type in the contract is invalid. */
  constructor(service: object, state: ServiceState, overridable: Overridable) {
    this.methods = methodsOf(state.contract);
    this.#service = service;
    this.#state = state;
    this.#overridable = overridable;
  }

  get contract(): InterfaceContract {
    return this.#state.contract;
  }

  get objectManager(): ObjectManagerCode {
    return OBJECT_MANAGER;
  }

  get authorizesAll(): boolean {
    return this.#overridable.authorizesAll;
  }

  authorize(member: AuthorizedMember, incoming: Incoming): MaybePromise<void> {
    return this.#overridable.authorize(member, incoming);
  }

  run(member: MethodMember, args: readonly unknown[], reply: Reply): unknown {
    const handler: unknown = Reflect.get(this.#service, member.key);
    if (typeof handler !== "function") throw new TypeError(`the service has no method ${member.key}`);
    reply.handOverDescriptors();
    try {
      return Reflect.apply(handler, this.#service, [...args, reply.incoming]);
    } finally {
      announceAllChanges();
    }
  }

  property(name: string): ServedProperty | undefined {
    const property = this.#state.members.properties.get(name);
    if (property === undefined) return undefined;
    return new StateProperty(property, this.#state, (key, value, incoming) => this.#set(key, value, incoming));
  }

  readableValues(): PropertyValues {
    return this.#state.readableValues();
  }

  getAllOf(interfaces: readonly ServedInterface[]): EncodableResult {
    const values = new PropertyValues();
    const names = new Set<string>();
    for (const served of interfaces) {
      for (const [property, value] of served.readableValues()) {
        if (names.has(property.contract.name)) continue;
        names.add(property.contract.name);
        values.set(property, value);
      }
    }
    return new EncodableResult(ALL_PROPERTIES, [values]);
  }

  async #set(key: string, value: unknown, incoming: Incoming): Promise<void> {
    await this.#overridable.beforeSet(key, value, incoming);
    this.#state.set(key, value);
  }

  serveAt(path: string, host: ServiceHost): () => void {
    host.callers.registry ??= new CallerRegistry(host.bus, host.callers.onLeave, host.onError);
    return this.#state.sendFrom(path, host);
  }
}
