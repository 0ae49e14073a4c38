import type { Bus, CallOptions, Target } from "@dbus-codegen-ts/runtime";
import { ConnectionClient } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import {
  ConnectionManagerClient,
  type ConnectionParameters,
  type ParamSpec,
  type ProtocolPropertiesMap,
} from "@dbus-codegen-ts/stubs/im.telepathy1.ConnectionManager";
import { NotImplementedError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { isManagerName, MANAGER_PREFIX, managerTarget } from "../connection/object-names.ts";
import { createDaemonClient } from "../service/daemon.ts";
import { ReadyConnection, type ReadyOptions } from "./ready-connection.ts";

/** A connection manager that is running or can be activated. */
export interface ConnectionManagerInfo {
  /** Its name, such as `gabble`, without the prefix of its bus name. */
  readonly name: string;
  readonly isRunning: boolean;
}

/** Lists the connection managers of a bus that are running or can be activated, sorted by name. */
export async function findConnectionManagers(bus: Bus): Promise<readonly ConnectionManagerInfo[]> {
  const daemon = createDaemonClient(bus);
  const [running, activatable] = await Promise.all([daemon.listNames(), daemon.listActivatableNames()]);
  const runningManagers = new Set(managerNames(running));
  const all = new Set(managerNames([...running, ...activatable]));
  return [...all].sort().map((name) => ({ name, isRunning: runningManagers.has(name) }));
}

/** Returns the names of connection managers among bus names. */
function managerNames(busNames: readonly string[]): string[] {
  return busNames.flatMap((busName) => {
    const manager = busName.startsWith(MANAGER_PREFIX) ? busName.slice(MANAGER_PREFIX.length) : "";
    return isManagerName(manager) ? [manager] : [];
  });
}

/** A remote connection manager. The first call activates it if the bus can do so. */
export class RemoteManager {
  readonly name: string;
  /** Typed client of the interface ConnectionManager. */
  readonly client: ConnectionManagerClient;
  readonly #bus: Bus;

  /** @throws InvalidArgumentError if the name is invalid. */
  constructor(bus: Bus, name: string) {
    this.name = name;
    this.#bus = bus;
    this.client = new ConnectionManagerClient(bus, managerTarget(name));
  }

  /** Reads the immutable properties of the supported protocols, by name. */
  protocols(call?: CallOptions): Promise<ProtocolPropertiesMap> {
    return this.client.properties.protocols.get(call);
  }

  /**
   * Reads the declarations of the parameters of a protocol.
   *
   * @throws NotImplementedError if the manager does not support the protocol.
   */
  async parameters(protocol: string, call?: CallOptions): Promise<readonly ParamSpec[]> {
    const protocols = await this.protocols(call);
    const properties = Object.hasOwn(protocols, protocol) ? protocols[protocol] : undefined;
    if (properties === undefined) throw new NotImplementedError(`${this.name} does not speak ${protocol}`);
    return properties.parameters ?? [];
  }

  /**
   * Requests a connection, which is not connected yet. Returns its bus name and object path.
   *
   * @throws NotAvailableError if the account has a connection already; InvalidArgumentError if the parameters are
   * invalid; NotImplementedError if the manager does not support the protocol.
   */
  async request(protocol: string, parameters: ConnectionParameters, call?: CallOptions): Promise<Target> {
    const [destination, path] = await this.client.requestConnection(protocol, parameters, call);
    return { destination, path };
  }

  /**
   * Requests a connection and waits until it is connected. If that fails, the connection is disconnected.
   *
   * @throws The errors of `request` and `ReadyConnection.open`.
   */
  async connect(
    protocol: string,
    parameters: ConnectionParameters,
    options?: Omit<ReadyOptions, "connect">,
  ): Promise<ReadyConnection> {
    const target = await this.request(protocol, parameters);
    try {
      return await ReadyConnection.open(this.#bus, target, options);
    } catch (error) {
      // The connection may have ended already; only the first error matters.
      await new ConnectionClient(this.#bus, target).disconnect().catch(() => undefined);
      throw error;
    }
  }
}
