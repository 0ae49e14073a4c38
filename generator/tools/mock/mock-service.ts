import { type AuthorizedMember, type Incoming, type InterfaceContract, Service } from "@dbus-codegen-ts/runtime";
import { defaultValue } from "./defaults.ts";

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

/** A service whose methods all call one handler. Every caller is authorized. */
export class MockService extends Service<InterfaceContract, Record<string, unknown>, Record<string, unknown[]>> {
  readonly #behaviour: MockBehaviour;

  /** @param values - Initial values of properties by key. Other properties get default values. */
  constructor(contract: InterfaceContract, values: Readonly<Record<string, unknown>>, behaviour: MockBehaviour) {
    super(contract, { ...defaultProperties(contract), ...values });
    this.#behaviour = behaviour;
    for (const key of Object.keys(contract.methods ?? {})) {
      Object.defineProperty(this, key, {
        value: (...args: readonly unknown[]) => this.#call(key, args),
      });
    }
  }

  protected override $authorize(_member: AuthorizedMember): void {}

  protected override $beforeSet(key: string, value: unknown, incoming: Incoming): void {
    this.#behaviour.beforeSet(key, value, incoming);
  }

  #call(key: string, argsAndIncoming: readonly unknown[]): unknown {
    // The runtime passes the incoming call as the last argument.
    return this.#behaviour.call(key, argsAndIncoming.slice(0, -1), argsAndIncoming.at(-1) as Incoming);
  }
}

function defaultProperties({ properties = {} }: InterfaceContract): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(properties).map(([key, { type, as }]) => [key, defaultValue(type, as?.())]));
}
