import { type Incoming, type InterfaceContract, type ObjectPath, Service, type Target } from "@dbus-codegen-ts/runtime";
import type { Consumer } from "@dbus-codegen-ts/runtime/usage";
import {
  ConnectionManager,
  type ConnectionManagerProperties,
  type ConnectionManagerSignals,
  type ConnectionParameters,
  ParamSpec,
} from "@dbus-codegen-ts/stubs/im.telepathy1.ConnectionManager";
import { InvalidArgumentError, NotImplementedError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { isProtocolName } from "../connection/object-names.ts";
import type { ParameterValues } from "../protocols/parameters.ts";
import type { Protocol } from "../protocols/protocol.ts";
import { validateParameters } from "../protocols/validate-parameters.ts";
import { toParamSpec, toVariants } from "../protocols/wire-parameters.ts";
import { checkParameterSize } from "../quotas.ts";
import { protocolProperties } from "./protocol-object.ts";

/**
 * The interface ConnectionManager, and two methods of its earlier versions. Older programs call them; newer ones read
 * the property Protocols.
 */
const ConnectionManagerWithLegacyMethods = {
  ...ConnectionManager,
  methods: {
    ...ConnectionManager.methods,
    getParameters: {
      name: "GetParameters",
      in: [{ name: "Protocol", type: "s" }],
      out: [{ name: "Parameters", type: "a(susv)", as: () => ({ kind: "items", of: ParamSpec }) }],
    },
    listProtocols: { name: "ListProtocols", in: [], out: [{ name: "Protocols", type: "as" }] },
  },
} as const satisfies InterfaceContract;

/**
 * Creates a connection and publishes it on the bus. Rejects with NotAvailableError if the account has a connection
 * already.
 */
export type CreateConnection = (protocol: Protocol, parameters: ParameterValues, consumer: Consumer) => Promise<Target>;

/** Service for `im.telepathy1.ConnectionManager`. */
export class ConnectionManagerObject extends Service<
  typeof ConnectionManagerWithLegacyMethods,
  ConnectionManagerProperties,
  ConnectionManagerSignals
> {
  readonly #protocols: ReadonlyMap<string, Protocol>;
  readonly #parameterBytes: number;
  readonly #createConnection: CreateConnection;

  /** @param parameterBytes - Bytes of all parameters of a connection. */
  constructor(protocols: ReadonlyMap<string, Protocol>, parameterBytes: number, createConnection: CreateConnection) {
    const properties = [...protocols].map(([name, protocol]) => [name, protocolProperties(protocol)] as const);
    super(ConnectionManagerWithLegacyMethods, { interfaces: [], protocols: Object.fromEntries(properties) });
    this.#protocols = protocols;
    this.#parameterBytes = parameterBytes;
    this.#createConnection = createConnection;
  }

  async requestConnection(
    name: string,
    parameters: ConnectionParameters,
    incoming: Incoming,
  ): Promise<[string, ObjectPath]> {
    const protocol = this.#requireProtocol(name);
    const given = toVariants(parameters);
    checkParameterSize(this.#parameterBytes, given);
    const values = validateParameters(protocol.parameters, given);
    const { uid } = await incoming.credentials();
    const { destination, path } = await this.#createConnection(protocol, values, { client: incoming.sender, uid });
    this.signals.newConnection(destination, path, name);
    return [destination, path];
  }

  getParameters(name: string): readonly ParamSpec[] {
    return this.#requireProtocol(name).parameters.map(toParamSpec);
  }

  listProtocols(): readonly string[] {
    return [...this.#protocols.keys()];
  }

  #requireProtocol(name: string): Protocol {
    if (!isProtocolName(name)) throw new InvalidArgumentError("this is not the name of a protocol");
    const protocol = this.#protocols.get(name);
    if (protocol === undefined) throw new NotImplementedError(`there is no protocol ${name} here`);
    return protocol;
  }
}
