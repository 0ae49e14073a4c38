import type { Bus, CallOptions, Target } from "@dbus-codegen-ts/runtime";
import { ConnectionClient } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import {
  ConnectionManagerClient,
  type ConnectionParameters,
  type ParamSpec,
  type ProtocolPropertiesMap,
} from "@dbus-codegen-ts/stubs/im.telepathy1.ConnectionManager";
import { NotImplementedError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { isManagerName, MANAGER_PREFIX, managerPlace } from "../connection/object-names.ts";
import { DaemonClient } from "../service/daemon.ts";
import { ReadyConnection, type ReadyOptions } from "./ready-connection.ts";

/** A connection manager that runs, or that the bus can start. */
export interface FoundManager {
  /** Its name, such as `gabble`; for `new RemoteManager`. */
  readonly name: string;
  readonly isRunning: boolean;
}

/** Finds the connection managers of a bus, in the order of their names: those that run, and those it can start. */
export async function findConnectionManagers(bus: Bus): Promise<readonly FoundManager[]> {
  const daemon = new DaemonClient(bus);
  const [running, activatable] = await Promise.all([daemon.listNames(), daemon.listActivatableNames()]);
  const managers = managersAmong([...running, ...activatable]);
  const runs = new Set(managersAmong(running));
  return [...new Set(managers)].sort().map((name) => ({ name, isRunning: runs.has(name) }));
}

function managersAmong(names: readonly string[]): string[] {
  return names.flatMap((name) => {
    const manager = name.startsWith(MANAGER_PREFIX) ? name.slice(MANAGER_PREFIX.length) : "";
    return isManagerName(manager) ? [manager] : [];
  });
}

/** A connection manager of somebody else's. It is started when it is first asked for something, where the bus can do so. */
export class RemoteManager {
  readonly name: string;
  /** Calls the connection manager itself. */
  readonly client: ConnectionManagerClient;
  readonly #bus: Bus;

  /** @throws InvalidArgumentError when the name is none. */
  constructor(bus: Bus, name: string) {
    this.name = name;
    this.#bus = bus;
    this.client = new ConnectionManagerClient(bus, managerPlace(name));
  }

  /** The protocols that it speaks, by their names, with what there is to know about each. */
  protocols(call?: CallOptions): Promise<ProtocolPropertiesMap> {
    return this.client.properties.protocols.get(call);
  }

  /**
   * The parameters that connections of a protocol take.
   *
   * @throws NotImplementedError when the manager does not speak the protocol.
   */
  async parameters(protocol: string, call?: CallOptions): Promise<readonly ParamSpec[]> {
    const protocols = await this.protocols(call);
    const found = Object.hasOwn(protocols, protocol) ? protocols[protocol] : undefined;
    if (found === undefined) throw new NotImplementedError(`${this.name} does not speak ${protocol}`);
    return found.parameters ?? [];
  }

  /**
   * Requests a connection, which is not connected yet.
   *
   * @throws NotAvailableError when there is one for the account; InvalidArgumentError; NotImplementedError.
   */
  async request(protocol: string, parameters: ConnectionParameters, call?: CallOptions): Promise<Target> {
    const [destination, path] = await this.client.requestConnection(protocol, parameters, call);
    return { destination, path };
  }

  /**
   * Requests a connection and waits until it is connected. One that does not get so far is disconnected again.
   *
   * @throws As `request` and `ReadyConnection.open` do.
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
      // Whether there is still something to disconnect does not matter: the error does.
      await new ConnectionClient(this.#bus, target).disconnect().catch(() => undefined);
      throw error;
    }
  }
}
