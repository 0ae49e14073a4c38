import type { Bus, CallOptions, Target } from "@dbus-codegen-ts/runtime";
import {
  ConnectionManagerClient,
  type ConnectionParameters,
  type ParamSpec,
  type ProtocolPropertiesMap,
} from "@dbus-codegen-ts/stubs/im.telepathy1.ConnectionManager";
import { NotImplementedError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { ConnectionManagerClient as ConnectionManagerClient0 } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.ConnectionManager";
import { isManagerName, managerPrefix, managerTarget, ROOTS } from "../connection/object-names.ts";
import { CANONICAL_ROOT, type Root } from "../dialects/dialect.ts";
import { DaemonClient } from "../service/daemon.ts";
import { ReadyConnection, type ReadyOptions } from "./ready-connection.ts";
import { RemoteConnection } from "./remote-connection.ts";
import { withCanonicalErrors } from "./remote-errors.ts";

/** A connection manager that is running or can be activated. */
export interface ConnectionManagerInfo {
  /** Name of the manager, such as `gabble`: its bus name without the prefix. */
  readonly name: string;
  /** Root of the manager's names. A manager that uses two roots is listed twice. */
  readonly root: Root;
  readonly isRunning: boolean;
}

/** Lists the connection managers of a bus that are running or can be activated, of all dialects, sorted by name. */
export async function findConnectionManagers(bus: Bus): Promise<readonly ConnectionManagerInfo[]> {
  const daemon = new DaemonClient(bus);
  const [running, activatable] = await Promise.all([daemon.listNames(), daemon.listActivatableNames()]);
  return ROOTS.flatMap((root) => {
    const runningManagers = new Set(managerNames(running, root));
    const names = new Set(managerNames([...running, ...activatable], root));
    return [...names].map((name) => ({ name, root, isRunning: runningManagers.has(name) }));
  }).sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
}

/**
 * Returns the root under which to use a connection manager: the first of `roots` under which it is running,
 * otherwise the first under which it can be activated. If there is no such manager, returns the first root.
 */
export async function findManagerRoot(bus: Bus, name: string, roots: readonly Root[]): Promise<Root> {
  const [first = CANONICAL_ROOT, ...others] = roots;
  if (others.length === 0) return first;
  const managers = (await findConnectionManagers(bus)).filter((manager) => manager.name === name);
  const candidates = roots.filter((root) => managers.some((manager) => manager.root === root));
  const running = candidates.find((root) => managers.some((manager) => manager.root === root && manager.isRunning));
  return running ?? candidates[0] ?? first;
}

/** Returns the names of the connection managers among bus names, without the prefix that the root determines. */
function managerNames(busNames: readonly string[], root: Root): string[] {
  const prefix = managerPrefix(root);
  return busNames.flatMap((busName) => {
    const manager = busName.startsWith(prefix) ? busName.slice(prefix.length) : "";
    return isManagerName(manager) ? [manager] : [];
  });
}

/** Client of a connection manager. The first call activates the manager if the bus can do so. */
export class RemoteManager {
  readonly name: string;
  readonly #client: ConnectionManagerClient | ConnectionManagerClient0;
  readonly #bus: Bus;

  /**
   * Creates a client.
   *
   * @param root - Root of the manager's names, and of the names of its objects and interfaces.
   * @throws InvalidArgumentError if the name is invalid.
   */
  constructor(bus: Bus, name: string, root: Root = CANONICAL_ROOT) {
    const target = managerTarget(name, root);
    this.name = name;
    this.#bus = bus;
    this.#client =
      root === CANONICAL_ROOT ? new ConnectionManagerClient(bus, target) : new ConnectionManagerClient0(bus, target);
  }

  /** Reads the immutable properties of each supported protocol, by protocol name. */
  protocols(call?: CallOptions): Promise<ProtocolPropertiesMap> {
    return withCanonicalErrors(this.#client.properties.protocols.get(call));
  }

  /**
   * Reads the declarations of the parameters of a protocol.
   *
   * @throws NotImplementedError if the manager does not support the protocol.
   */
  async parameters(protocol: string, call?: CallOptions): Promise<readonly ParamSpec[]> {
    const protocols = await this.protocols(call);
    const properties = Object.hasOwn(protocols, protocol) ? protocols[protocol] : undefined;
    if (properties === undefined)
      throw new NotImplementedError(`connection manager ${this.name} does not support the protocol ${protocol}`);
    return properties.parameters ?? [];
  }

  /**
   * Requests a connection. The new connection is not connected yet.
   *
   * @returns Bus name and object path of the connection.
   * @throws NotAvailableError if the account has a connection already; InvalidArgumentError if the parameters are
   * invalid; NotImplementedError if the manager does not support the protocol.
   */
  async request(protocol: string, parameters: ConnectionParameters, call?: CallOptions): Promise<Target> {
    const [destination, path] = await withCanonicalErrors(this.#client.requestConnection(protocol, parameters, call));
    return { destination, path };
  }

  /**
   * Requests a connection and waits until it is connected. If that fails, disconnects the connection.
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
      // The connection may have ended already, so an error of Disconnect is ignored.
      await new RemoteConnection(this.#bus, target).disconnect().catch(() => undefined);
      throw error;
    }
  }
}
