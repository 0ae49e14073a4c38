import { Contacts } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Contacts";
import type { ConnectionParameters } from "@dbus-codegen-ts/stubs/im.telepathy1.ConnectionManager";
import { type ProtocolProperties, ProtocolService } from "@dbus-codegen-ts/stubs/im.telepathy1.Protocol";
import { checkParameters } from "../protocols/parameters.ts";
import type { Protocol } from "../protocols/protocol.ts";
import { paramSpecOf, variantsOf } from "../protocols/wire-parameters.ts";

/** Serves `im.telepathy1.Protocol`: what there is to know about a protocol without a connection. */
export class ProtocolObject extends ProtocolService {
  readonly #protocol: Protocol;

  constructor(protocol: Protocol) {
    super(propertiesOf(protocol));
    this.#protocol = protocol;
  }

  identifyAccount(parameters: ConnectionParameters) {
    return this.#protocol.identifyAccount(checkParameters(this.#protocol.parameters, variantsOf(parameters)));
  }

  normalizeContact(identifier: string) {
    return this.#protocol.normalizeContact(identifier);
  }
}

/** The fixed properties of a protocol, as its object and its manager tell them. */
export function propertiesOf({ englishName, icon, vCardField, parameters }: Protocol): ProtocolProperties {
  return {
    interfaces: [],
    parameters: parameters.map(paramSpecOf),
    connectionInterfaces: [Contacts.name],
    requestableChannelClasses: [],
    vCardField,
    englishName,
    icon,
    authenticationTypes: [],
  };
}
