import {
  type Bus,
  type CallOptions,
  Client,
  DBusError,
  DisconnectedError,
  type InterfaceContract,
  InvalidReplySignatureError,
  NoReplyError,
  type Target,
  type Variant,
} from "@dbus-codegen-ts/runtime";
import { Introspectable } from "@dbus-codegen-ts/runtime/standard/org.freedesktop.DBus.Introspectable";
import { Peer } from "@dbus-codegen-ts/runtime/standard/org.freedesktop.DBus.Peer";
import { Properties, type PropertiesSignals } from "@dbus-codegen-ts/runtime/standard/org.freedesktop.DBus.Properties";
import { quote } from "./report.ts";

/** Values of properties by name. */
export type Values = Readonly<Record<string, Variant>>;

/** The properties of the object that is checked. */
export class PropertiesProbe extends Client<typeof Properties, object, PropertiesSignals> {
  readonly #options: CallOptions;

  constructor(bus: Bus, target: Target, timeout: number) {
    super(Properties, bus, target);
    this.#options = { timeout };
  }

  get(interfaceName: string, property: string): Promise<Variant> {
    return this.$call(Properties.methods.get, [interfaceName, property], this.#options);
  }

  getAll(interfaceName: string): Promise<Values> {
    return this.$call(Properties.methods.getAll, [interfaceName], this.#options);
  }

  set(interfaceName: string, property: string, value: Variant): Promise<void> {
    return this.$call(Properties.methods.set, [interfaceName, property, value], this.#options);
  }
}

/** Any interface of the object that is checked. */
export class InterfaceProbe extends Client<InterfaceContract, object, Record<string, unknown[]>> {
  readonly #contract: InterfaceContract;
  readonly #timeout: number;

  constructor(contract: InterfaceContract, bus: Bus, target: Target, timeout: number) {
    super(contract, bus, target);
    this.#contract = contract;
    this.#timeout = timeout;
  }

  /** Calls a method by its key in the contract. */
  async invoke(key: string, args: readonly unknown[]): Promise<unknown> {
    const method = this.#contract.methods?.[key];
    if (method === undefined) throw new TypeError(`the contract has no ${key}`);
    return this.$call<unknown>(method, args, { timeout: this.#timeout });
  }
}

/** How a call ended: with a value, or with what went wrong. */
export type Outcome<T> = { readonly value: T } | { readonly error: DBusError };

/** After this many calls without an answer nobody waits for more. */
const MAX_UNANSWERED = 4;

/** The object that is checked, as all checks call it. */
export class Probe {
  readonly bus: Bus;
  readonly target: Target;
  readonly timeout: number;
  readonly properties: PropertiesProbe;
  readonly #introspection: InterfaceProbe;
  readonly #peer: InterfaceProbe;
  #unanswered = 0;

  constructor(bus: Bus, target: Target, timeout: number) {
    this.bus = bus;
    this.target = target;
    this.timeout = timeout;
    this.properties = new PropertiesProbe(bus, target, timeout);
    this.#introspection = this.interface(Introspectable);
    this.#peer = this.interface(Peer);
  }

  interface(contract: InterfaceContract): InterfaceProbe {
    return new InterfaceProbe(contract, this.bus, this.target, this.timeout);
  }

  introspect(): Promise<unknown> {
    return this.#introspection.invoke("introspect", []);
  }

  ping(): Promise<unknown> {
    return this.#peer.invoke("ping", []);
  }

  machineId(): Promise<unknown> {
    return this.#peer.invoke("getMachineId", []);
  }

  /** Whether the service has left so many calls unanswered that more would only take time. */
  get isSilent(): boolean {
    return this.#unanswered >= MAX_UNANSWERED;
  }

  /** Waits for a call. What the service answers is an outcome; anything else is thrown on. */
  async outcome<T>(call: Promise<T>): Promise<Outcome<T>> {
    try {
      return { value: await call };
    } catch (error) {
      if (!(error instanceof DBusError) || error instanceof DisconnectedError) throw error;
      if (error instanceof NoReplyError) this.#unanswered++;
      return { error };
    }
  }

  /** Calls what the object should not have. */
  call(interfaceName: string, member: string): Promise<unknown[]> {
    return this.bus.call({ ...this.target, interface: interfaceName, member }, { timeout: this.timeout });
  }
}

/** What went wrong, in words. */
export function describeError(error: DBusError): string {
  if (error instanceof InvalidReplySignatureError)
    return `the answer has the types ${quote(error.received)}, not "${error.expected}"`;
  if (error instanceof NoReplyError) return "there was no answer in time";
  return `it failed with ${error.errorName}: ${quote(error.message)}`;
}
