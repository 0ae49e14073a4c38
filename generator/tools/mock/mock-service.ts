import {
  type Argument,
  type AuthorizedMember,
  DBusError,
  type FieldShape,
  type Incoming,
  type InterfaceContract,
  Service,
  Variant,
} from "@dbus-codegen-ts/runtime";
import { withoutShape } from "@dbus-codegen-ts/runtime/shapes";
import { defaultValue } from "./defaults.ts";
import type { ObservedCall } from "./observed-call.ts";

/** Handlers of the calls of a mock. */
export interface MockBehaviour {
  /**
   * Returns the result of a method.
   * @param key - Key of the method in the contract.
   */
  call(key: string, args: readonly unknown[], incoming: Incoming): unknown;
  /** Called before a client sets a property. An exception is the error reply, and the property keeps its value. */
  beforeSet(key: string, value: unknown, incoming: Incoming): void;
}

/** Receives each method call after its reply is decided, and each property that is set. */
export type CallObserver = (call: ObservedCall) => void;

const FAILED = "org.freedesktop.DBus.Error.Failed";

/** A service whose methods all call one handler. Every caller is authorized. */
export class MockService extends Service<InterfaceContract, Record<string, unknown>, Record<string, unknown[]>> {
  readonly contract: InterfaceContract;
  readonly #behaviour: MockBehaviour;
  readonly #replies = new Map<string, () => unknown>();
  readonly #observers = new Set<CallObserver>();

  /** @param values - Initial values of properties by key. Other properties get default values. */
  constructor(contract: InterfaceContract, values: Readonly<Record<string, unknown>>, behaviour: MockBehaviour) {
    super(contract, { ...defaultProperties(contract), ...values });
    this.contract = contract;
    this.#behaviour = behaviour;
    for (const key of Object.keys(contract.methods ?? {})) {
      Object.defineProperty(this, key, {
        value: (...args: readonly unknown[]) => this.#call(key, args),
      });
    }
  }

  /** Calls an observer with each call. Returns a function that removes the observer. */
  observe(observer: CallObserver): () => void {
    this.#observers.add(observer);
    return () => void this.#observers.delete(observer);
  }

  /**
   * Replaces the behaviour of a method.
   * @param reply - Returns the result, or throws the error reply; absent to restore the behaviour.
   */
  replace(key: string, reply: (() => unknown) | undefined): void {
    if (reply === undefined) this.#replies.delete(key);
    else this.#replies.set(key, reply);
  }

  protected override $authorize(_member: AuthorizedMember): void {}

  protected override $beforeSet(key: string, value: unknown, incoming: Incoming): void {
    this.#behaviour.beforeSet(key, value, incoming);
    const property = this.contract.properties?.[key];
    if (property !== undefined)
      this.#observe(incoming, () => ({ property: property.name, args: [wireValue(property, value)] }));
  }

  #call(key: string, argsAndIncoming: readonly unknown[]): unknown {
    // The runtime passes the incoming call as the last argument.
    const incoming = argsAndIncoming.at(-1) as Incoming;
    const args = argsAndIncoming.slice(0, -1);
    const { in: inputs = [], out = [] } = this.contract.methods?.[key] ?? {};
    // A handler may change its arguments.
    const received = this.#observers.size === 0 ? [] : wireValues(inputs, args);
    const observe = (outcome: Pick<ObservedCall, "reply" | "error">): void =>
      this.#observe(incoming, () => ({ method: incoming.member, args: received, ...outcome }));
    const succeed = (result: unknown): unknown => {
      observe(this.#observers.size === 0 ? {} : { reply: wireResult(out, result) });
      return result;
    };
    const fail = (error: unknown): never => {
      observe({ error: error instanceof DBusError ? error.errorName : FAILED });
      throw error;
    };
    let result: unknown;
    try {
      const reply = this.#replies.get(key);
      result = reply === undefined ? this.#behaviour.call(key, args, incoming) : reply();
    } catch (error) {
      return fail(error);
    }
    return result instanceof Promise ? result.then(succeed, fail) : succeed(result);
  }

  #observe({ sender, path }: Incoming, describe: () => Omit<ObservedCall, "sender" | "path" | "interface">): void {
    if (this.#observers.size === 0) return;
    const call = { sender, path, interface: this.contract.name, ...describe() };
    for (const observer of this.#observers) observer(call);
  }
}

function defaultProperties({ properties = {} }: InterfaceContract): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(properties).map(([key, { type, as }]) => [key, defaultValue(type, as?.())]));
}

function wireValues(args: readonly Argument[], values: readonly unknown[]): readonly Variant[] {
  return args.map((argument, index) => wireValue(argument, values[index]));
}

/**
 * Returns the output arguments of a result. Returns none if the result does not fit them, because the reply is then an
 * error.
 */
function wireResult(out: readonly Argument[], result: unknown): readonly Variant[] {
  try {
    return out.length === 1 ? wireValues(out, [result]) : Array.isArray(result) ? wireValues(out, result) : [];
  } catch {
    return [];
  }
}

function wireValue(field: FieldShape, value: unknown): Variant {
  return new Variant(field.type, field.type.includes("h") ? value : withoutShape(field, value));
}
