import { type AuthorizedMember, type Incoming, type InterfaceContract, Service } from "@dbus-codegen-ts/runtime";
import { defaultValue } from "./defaults.ts";

/** What a mock does when it is called, and when a peer sets a property. */
export interface MockBehaviour {
  /** @param key - Identifier of the method in the contract. */
  answer(key: string, args: readonly unknown[], incoming: Incoming): unknown;
  /** What it throws is the answer, and the property stays as it is. */
  beforeSet(key: string, value: unknown, incoming: Incoming): void;
}

/** Serves a contract as somebody else says: every method has a handler, and nobody is refused. */
export class MockService extends Service<InterfaceContract, Record<string, unknown>, Record<string, unknown[]>> {
  readonly #behaviour: MockBehaviour;

  /** @param values - Values of properties by identifier; those left out get default values. */
  constructor(contract: InterfaceContract, values: Readonly<Record<string, unknown>>, behaviour: MockBehaviour) {
    super(contract, { ...defaultProperties(contract), ...values });
    this.#behaviour = behaviour;
    for (const key of Object.keys(contract.methods ?? {})) {
      Object.defineProperty(this, key, {
        value: (...args: readonly unknown[]) => this.#answer(key, args),
      });
    }
  }

  protected override $authorize(_member: AuthorizedMember): void {}

  protected override $beforeSet(key: string, value: unknown, incoming: Incoming): void {
    this.#behaviour.beforeSet(key, value, incoming);
  }

  #answer(key: string, all: readonly unknown[]): unknown {
    // The runtime calls handlers with who calls as the last argument.
    return this.#behaviour.answer(key, all.slice(0, -1), all.at(-1) as Incoming);
  }
}

function defaultProperties({ properties = {} }: InterfaceContract): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(properties).map(([key, { type, as }]) => [key, defaultValue(type, as?.())]));
}
