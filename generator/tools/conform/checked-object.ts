import {
  AccessDeniedError,
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
import { NotJudged, quote } from "./report.ts";

/** Values of properties by name. */
export type PropertyValues = Readonly<Record<string, Variant>>;

/** A client of the properties of the checked object. */
export class PropertiesClient extends Client<typeof Properties, object, PropertiesSignals> {
  readonly #options: CallOptions;

  constructor(bus: Bus, target: Target, timeout: number) {
    super(Properties, bus, target);
    this.#options = { timeout };
  }

  get(interfaceName: string, property: string): Promise<Variant> {
    return this.$call(Properties.methods.get, [interfaceName, property], this.#options);
  }

  getAll(interfaceName: string): Promise<PropertyValues> {
    return this.$call(Properties.methods.getAll, [interfaceName], this.#options);
  }

  set(interfaceName: string, property: string, value: Variant): Promise<void> {
    return this.$call(Properties.methods.set, [interfaceName, property, value], this.#options);
  }
}

/** A client of any interface of the checked object. */
export class InterfaceClient extends Client<InterfaceContract, object, Record<string, unknown[]>> {
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

/** The result of a call: a value, or the error that the service or the runtime reported. */
export type Outcome<T> = { readonly value: T } | { readonly error: DBusError };

/** Number of timed-out calls after which the service counts as unresponsive. */
const MAX_TIMEOUTS = 4;

/** The object that is checked. All checks call it through this class. */
export class CheckedObject {
  readonly bus: Bus;
  readonly target: Target;
  readonly #timeout: number;
  readonly properties: PropertiesClient;
  readonly #introspectable: InterfaceClient;
  readonly #peer: InterfaceClient;
  #timeouts = 0;

  /** @param timeout - Milliseconds for each call. */
  constructor(bus: Bus, target: Target, timeout: number) {
    this.bus = bus;
    this.target = target;
    this.#timeout = timeout;
    this.properties = new PropertiesClient(bus, target, timeout);
    this.#introspectable = this.interface(Introspectable);
    this.#peer = this.interface(Peer);
  }

  /** Returns a client of an interface of the object. */
  interface(contract: InterfaceContract): InterfaceClient {
    return new InterfaceClient(contract, this.bus, this.target, this.#timeout);
  }

  introspect(): Promise<unknown> {
    return this.#introspectable.invoke("introspect", []);
  }

  ping(): Promise<unknown> {
    return this.#peer.invoke("ping", []);
  }

  machineId(): Promise<unknown> {
    return this.#peer.invoke("getMachineId", []);
  }

  /** Whether so many calls have timed out that the remaining checks are skipped. */
  get isUnresponsive(): boolean {
    return this.#timeouts >= MAX_TIMEOUTS;
  }

  /**
   * Waits for a call and returns its value or its D-Bus error. Throws any other error, and the error of a lost
   * connection.
   */
  async outcome<T>(call: Promise<T>): Promise<Outcome<T>> {
    try {
      return { value: await call };
    } catch (error) {
      if (!(error instanceof DBusError) || error instanceof DisconnectedError) throw error;
      if (error instanceof NoReplyError) this.#timeouts++;
      return { error };
    }
  }

  /** Calls a member that the object should not have, without arguments. */
  callUnknown(interfaceName: string, member: string): Promise<unknown[]> {
    return this.bus.call({ ...this.target, interface: interfaceName, member }, { timeout: this.#timeout });
  }
}

/**
 * Returns the problem that an error of a call shows. If the bus did not deliver the call, the error shows no problem of
 * the service, and NotJudged is returned.
 */
export function callProblem(error: DBusError): string | NotJudged {
  return isRefusedByBus(error)
    ? new NotJudged(`the bus does not deliver the call: ${quote(error.message)}`)
    : describeError(error);
}

/** Returns whether the policy of dbus-daemon or dbus-broker rejected a call. Both use a fixed text. */
function isRefusedByBus(error: DBusError): boolean {
  return (
    error instanceof AccessDeniedError &&
    /^(?:Rejected (?:send|receive) message|Sender is not authorized)/.test(error.message)
  );
}

/** Returns a message for an error of a call. */
export function describeError(error: DBusError): string {
  if (error instanceof InvalidReplySignatureError)
    return `the reply has the types ${quote(error.received)}, not "${error.expected}"`;
  if (error instanceof NoReplyError) return "no reply arrived in time";
  return `the call failed with ${error.errorName}: ${quote(error.message)}`;
}
