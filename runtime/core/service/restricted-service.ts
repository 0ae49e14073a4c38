import type { InterfaceContract } from "../contract.ts";
import type { MaybePromise } from "../values.ts";
import type { AuthorizedMember } from "./authorization.ts";
import type { Incoming } from "./incoming-call.ts";
import type { Methods } from "./methods.ts";
import { interfaceOf } from "./object-view.ts";
import type { PropertyValues } from "./property-values.ts";
import type { EncodableResult, Reply } from "./reply.ts";
import {
  type ObjectManagerCode,
  SERVED,
  type ServedInterface,
  type ServedProperty,
  type ServiceHost,
} from "./served-interface.ts";
import type { AnyService } from "./service.ts";

/** Throws the error to reply if a caller is refused; otherwise returns. */
type CallerCheck = (incoming: Incoming) => void;

/**
 * Returns a service that allows only some callers to call its methods and to change its properties. All callers can
 * read its properties, and all connections can receive the changes of properties.
 *
 * @param check - Called before `$authorize` of the service.
 */
export function restrictCallers(service: AnyService, check: CallerCheck): AnyService {
  return { [SERVED]: new RestrictedInterface(interfaceOf(service), check) };
}

/** The interface of a service, with an additional check of callers. */
class RestrictedInterface implements ServedInterface {
  readonly authorizesAll = true;
  readonly #served: ServedInterface;
  readonly #check: CallerCheck;

  constructor(served: ServedInterface, check: CallerCheck) {
    this.#served = served;
    this.#check = check;
  }

  get contract(): InterfaceContract {
    return this.#served.contract;
  }

  get methods(): Methods {
    return this.#served.methods;
  }

  get objectManager(): ObjectManagerCode {
    return this.#served.objectManager;
  }

  authorize(member: AuthorizedMember, incoming: Incoming): MaybePromise<void> {
    this.#check(incoming);
    if (this.#served.authorizesAll || member.privileged) return this.#served.authorize(member, incoming);
  }

  run(member: Parameters<ServedInterface["run"]>[0], args: readonly unknown[], reply: Reply): unknown {
    return this.#served.run(member, args, reply);
  }

  property(name: string): ServedProperty | undefined {
    return this.#served.property(name);
  }

  readableValues(): PropertyValues {
    return this.#served.readableValues();
  }

  getAllOf(interfaces: readonly ServedInterface[]): EncodableResult {
    return this.#served.getAllOf(interfaces);
  }

  serveAt(path: string, host: ServiceHost): () => void {
    return this.#served.serveAt(path, host);
  }
}
