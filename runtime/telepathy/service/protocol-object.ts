import type { ConnectionParameters } from "@dbus-codegen-ts/stubs/im.telepathy1.ConnectionManager";
import { type ProtocolProperties, ProtocolService } from "@dbus-codegen-ts/stubs/im.telepathy1.Protocol";
import type { Protocol } from "../protocols/protocol.ts";
import { validateParameters } from "../protocols/validate-parameters.ts";
import { toParamSpec, toVariants } from "../protocols/wire-parameters.ts";
import { CONNECTION_INTERFACES } from "./connection-interfaces.ts";

/** Service for `im.telepathy1.Protocol`: information about a protocol that requires no connection. */
export class ProtocolObject extends ProtocolService {
  readonly #protocol: Protocol;

  constructor(protocol: Protocol) {
    super(protocolProperties(protocol));
    this.#protocol = protocol;
  }

  identifyAccount(parameters: ConnectionParameters) {
    return this.#protocol.identifyAccount(validateParameters(this.#protocol.parameters, toVariants(parameters)));
  }

  normalizeContact(identifier: string) {
    return this.#protocol.normalizeContact(identifier);
  }
}

/** Returns the immutable properties of a protocol, for its own object and for its connection manager's. */
export function protocolProperties({ englishName, icon, vCardField, parameters }: Protocol): ProtocolProperties {
  return {
    interfaces: [],
    parameters: parameters.map(toParamSpec),
    connectionInterfaces: CONNECTION_INTERFACES.map(({ name }) => name),
    requestableChannelClasses: [],
    vCardField,
    englishName,
    icon,
    authenticationTypes: [],
  };
}
