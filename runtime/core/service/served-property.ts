import { AccessDeniedError, InvalidArgsError, PropertyReadOnlyError } from "../standard-errors.ts";
import type { ArgumentsCodec } from "../wire/arguments-codec.ts";
import type { AuthorizedMember } from "./authorization.ts";
import type { Incoming } from "./incoming-call.ts";
import type { PropertyMember } from "./members.ts";
import { EncodableResult } from "./reply.ts";
import type { ServedProperty } from "./served-interface.ts";
import type { ServiceState } from "./service-state.ts";

/** Sets a property for a client, unless the service refuses the value. */
type SetByClient = (key: string, value: unknown, incoming: Incoming) => Promise<void>;

/** A property of a service whose value is in the state of the service. */
export class StateProperty implements ServedProperty {
  readonly #property: PropertyMember;
  readonly #state: ServiceState;
  readonly #set: SetByClient;

  constructor(property: PropertyMember, state: ServiceState, set: SetByClient) {
    this.#property = property;
    this.#state = state;
    this.#set = set;
  }

  get authorized(): AuthorizedMember {
    return this.#property.authorized;
  }

  get setArguments(): ArgumentsCodec {
    return this.#property.setArguments;
  }

  read(): EncodableResult {
    const { contract, key, variantValue } = this.#property;
    if (contract.access === "write") throw new AccessDeniedError(`${contract.name} cannot be read`);
    return new EncodableResult(variantValue, [this.#state.get(key)]);
  }

  checkSet(signature: string): void {
    const { name, type, access } = this.#property.contract;
    if (access === "read") throw new PropertyReadOnlyError(`${name} cannot be set`);
    if (signature !== type) throw new InvalidArgsError(`${name} has type "${type}", got "${signature}"`);
  }

  set(value: unknown, incoming: Incoming): Promise<void> {
    return this.#set(this.#property.key, value, incoming);
  }
}
