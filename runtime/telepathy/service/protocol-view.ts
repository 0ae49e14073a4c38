import type { ConnectionParameters } from "@dbus-codegen-ts/stubs/im.telepathy1.ConnectionManager";
import {
  Protocol as Protocol2012,
  type ProtocolProperties,
  type ProtocolService,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Protocol";
import { Protocol as Protocol0 } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Protocol";
import { Protocol as Protocol2013 } from "@dbus-codegen-ts/stubs/telepathy-1-2013/im.telepathy1.Protocol";
import type { ContractsByDialect, Dialect } from "../dialects/dialect.ts";
import type { Protocol } from "../protocols/protocol.ts";
import { validateParameters } from "../protocols/validate-parameters.ts";
import { toParamSpec, toVariants } from "../protocols/wire-parameters.ts";
import { requestableClasses } from "./channels/channel-properties.ts";
import { interfaceNames } from "./connection-interfaces.ts";
import { DialectService, type HandlersOf } from "./dialect-service.ts";

/** Contracts of the interface Protocol, by dialect. */
const CONTRACTS: ContractsByDialect = {
  "telepathy-1-2012": Protocol2012,
  "telepathy-1-2013": Protocol2013,
  "telepathy-0": Protocol0,
};

/** Service for the interface Protocol in one dialect, which describes a protocol without a connection. */
export class ProtocolView extends DialectService<ProtocolProperties> implements HandlersOf<ProtocolService> {
  readonly #protocol: Protocol;

  constructor(dialect: Dialect, protocol: Protocol) {
    super(dialect, CONTRACTS, protocolProperties(dialect, protocol));
    this.#protocol = protocol;
  }

  identifyAccount(parameters: ConnectionParameters) {
    return this.#protocol.identifyAccount(validateParameters(this.#protocol.parameters, toVariants(parameters)));
  }

  normalizeContact(identifier: string) {
    return this.#protocol.normalizeContact(identifier);
  }
}

/**
 * Returns the immutable properties of a protocol, for the Protocol object and for the property Protocols of the
 * connection manager.
 */
export function protocolProperties(dialect: Dialect, protocol: Protocol): ProtocolProperties {
  const { englishName, icon, vCardField, parameters, channels = [] } = protocol;
  return {
    interfaces: [],
    parameters: parameters.map(toParamSpec),
    connectionInterfaces: interfaceNames(protocol, dialect),
    requestableChannelClasses: requestableClasses(dialect, channels),
    vCardField,
    englishName,
    icon,
    authenticationTypes: [],
  };
}
