import type { Incoming, ObjectPath, Target } from "@dbus-codegen-ts/runtime";
import type { Consumer } from "@dbus-codegen-ts/runtime/usage";
import {
  ConnectionManager,
  type ConnectionManagerProperties,
  type ConnectionManagerService,
  type ConnectionManagerSignals,
  type ConnectionParameters,
  type ParamSpec,
} from "@dbus-codegen-ts/stubs/im.telepathy1.ConnectionManager";
import { InvalidArgumentError, NotImplementedError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import {
  ConnectionManager as ConnectionManager0,
  type ConnectionManagerService as ConnectionManagerService0,
} from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.ConnectionManager";
import { ConnectionManager as ConnectionManager2013 } from "@dbus-codegen-ts/stubs/telepathy-1-2013/im.telepathy1.ConnectionManager";
import { isProtocolName } from "../connection/object-names.ts";
import type { ContractsByDialect, Dialect } from "../dialects/dialect.ts";
import type { ParameterValues } from "../protocols/parameters.ts";
import type { Protocol } from "../protocols/protocol.ts";
import { validateParameters } from "../protocols/validate-parameters.ts";
import { toParamSpec, toVariants } from "../protocols/wire-parameters.ts";
import { checkParameterSize } from "../quotas.ts";
import { DialectService, type HandlersOf } from "./dialect-service.ts";
import { protocolProperties } from "./protocol-view.ts";

/** Contracts of the interface ConnectionManager, by dialect. */
const CONTRACTS: ContractsByDialect = {
  "telepathy-1-2012": {
    ...ConnectionManager,
    methods: {
      ...ConnectionManager.methods,
      getParameters: ConnectionManager0.methods.getParameters,
      listProtocols: ConnectionManager0.methods.listProtocols,
    },
  },
  "telepathy-1-2013": ConnectionManager2013,
  "telepathy-0": ConnectionManager0,
};

/**
 * Creates a connection and publishes it on the bus. Rejects with NotAvailableError if the account has a connection
 * already and the protocol permits only one.
 *
 * @returns Bus name and object path of the connection in each dialect.
 */
export type CreateConnection = (
  protocol: Protocol,
  parameters: ParameterValues,
  consumer: Consumer,
) => Promise<ReadonlyMap<Dialect, Target>>;

/** Service for the interface ConnectionManager in one dialect. */
export class ManagerView
  extends DialectService<ConnectionManagerProperties, ConnectionManagerSignals>
  implements HandlersOf<ConnectionManagerService>, HandlersOf<ConnectionManagerService0>
{
  readonly #protocols: ReadonlyMap<string, Protocol>;
  readonly #parameterBytes: number;
  readonly #createConnection: CreateConnection;

  /** @param parameterBytes - Maximum bytes of all parameters of a connection. */
  constructor(
    dialect: Dialect,
    protocols: readonly Protocol[],
    parameterBytes: number,
    createConnection: CreateConnection,
  ) {
    const properties = protocols.map((protocol) => [protocol.name, protocolProperties(dialect, protocol)] as const);
    super(dialect, CONTRACTS, { interfaces: [], protocols: Object.fromEntries(properties) });
    this.#protocols = new Map(protocols.map((protocol) => [protocol.name, protocol]));
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
    const targets = await this.#createConnection(protocol, values, { client: incoming.sender, uid });
    const target = targets.get(this.dialect);
    if (target === undefined) throw new TypeError(`the connection is not served as ${this.dialect.name}`);
    return [target.destination, target.path];
  }

  getParameters(name: string): readonly ParamSpec[] {
    return this.#requireProtocol(name).parameters.map(toParamSpec);
  }

  listProtocols(): readonly string[] {
    return [...this.#protocols.keys()];
  }

  /** Emits NewConnection for a connection that was created. */
  connectionCreated({ destination, path }: Target, protocol: string): void {
    this.emit("newConnection", destination, path, protocol);
  }

  #requireProtocol(name: string): Protocol {
    if (!isProtocolName(name)) throw new InvalidArgumentError("invalid name of a protocol");
    const protocol = this.#protocols.get(name);
    if (protocol === undefined)
      throw new NotImplementedError(`the connection manager does not support the protocol ${name}`);
    return protocol;
  }
}
