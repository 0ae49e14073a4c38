import type { AnyService, Bus, ObjectPath, Target } from "@dbus-codegen-ts/runtime";
import { type Consumer, UsageCounts } from "@dbus-codegen-ts/runtime/usage";
import { NotAvailableError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import type { ConnectionOptions } from "../connection/connection-model.ts";
import { connectionTarget, managerTarget, protocolTarget } from "../connection/object-names.ts";
import type { ParameterValues } from "../protocols/parameters.ts";
import type { Protocol } from "../protocols/protocol.ts";
import { DEFAULT_MANAGER_QUOTAS, type ManagerQuotas } from "../quotas.ts";
import { ConnectionManagerObject, type CreateConnection } from "./connection-manager-object.ts";
import type { ConnectionObject } from "./connection-object.ts";
import { ProtocolObject } from "./protocol-object.ts";
import { ServedConnection } from "./served-connection.ts";

/** Configuration of a connection manager, and options of its connections. */
export interface ManagerOptions extends Omit<ConnectionOptions, "handleUsage"> {
  /** Last element of its bus name: ASCII letters, digits and underscores, starting with a letter. */
  readonly name: string;
  readonly protocols: readonly Protocol[];
  /** What clients may use. */
  readonly quotas?: ManagerQuotas;
  /** Called with errors that no caller awaits, such as those of protocol code. By default they are dropped. */
  readonly onError?: (error: unknown) => void;
  /** Called with each connection before it is published on the bus. It may add interfaces. */
  readonly onConnection?: (connection: ConnectionObject) => void;
}

/** A connection manager on the bus, until closed. */
export interface ServedManager extends AsyncDisposable {
  /** Its bus name and object path. */
  readonly target: Target;
  /** Number of its connections. */
  readonly connectionCount: number;
  /** Disconnects all connections and removes the manager from the bus. Further calls return the same promise. */
  close(): Promise<void>;
}

/**
 * Serves a connection manager: its object, an object for each protocol, and the connections that clients request. The
 * connections end with the manager, and when the connection to the bus is lost. The package's README lists where
 * deployed connection managers behave differently.
 *
 * @throws InvalidArgumentError if the name of the manager or of a protocol is invalid; NotAvailableError if the bus name
 * is owned by another connection.
 */
export async function serveConnectionManager(bus: Bus, options: ManagerOptions): Promise<ServedManager> {
  const manager = new Manager(bus, options);
  await manager.publish();
  return manager;
}

class Manager implements ServedManager {
  readonly target: Target;
  readonly #bus: Bus;
  readonly #options: ManagerOptions;
  readonly #onError: (error: unknown) => void;
  readonly #connections = new Map<ObjectPath, ServedConnection>();
  readonly #quotas: Required<ManagerQuotas>;
  readonly #connectionUsage: UsageCounts;
  readonly #connectionOptions: ConnectionOptions;
  /** Steps that remove the manager from the bus, in this order. */
  readonly #cleanup: (() => Promise<unknown>)[] = [];
  #closed: Promise<void> | undefined;

  constructor(bus: Bus, options: ManagerOptions) {
    this.target = managerTarget(options.name);
    this.#bus = bus;
    this.#options = options;
    this.#onError = withoutThrowing(options.onError);
    this.#quotas = { ...DEFAULT_MANAGER_QUOTAS, ...options.quotas };
    const { connectionsPerClient, connectionsPerUser, connections } = this.#quotas;
    this.#connectionUsage = new UsageCounts("connections", {
      perClient: connectionsPerClient,
      perUser: connectionsPerUser,
      total: connections,
    });
    const { handlesPerClient, handlesPerUser, handles } = this.#quotas;
    const handleQuotas = { perClient: handlesPerClient, perUser: handlesPerUser, total: handles };
    this.#connectionOptions = { ...options, handleUsage: new UsageCounts("handles", handleQuotas) };
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  /** Serves all objects, then requests the name. */
  async publish(): Promise<void> {
    const { name, protocols } = this.#options;
    const protocolsByName = new Map(protocols.map((protocol) => [protocol.name, protocol]));
    const { destination, path } = this.target;
    const create: CreateConnection = (...args) => this.#createConnection(...args);
    const objects: readonly (readonly [ObjectPath, AnyService])[] = [
      [path, new ConnectionManagerObject(protocolsByName, this.#quotas.parameterBytes, create)],
      ...protocols.map((protocol) => [protocolTarget(name, protocol.name).path, new ProtocolObject(protocol)] as const),
    ];
    try {
      for (const [objectPath, object] of objects) {
        const served = await this.#bus.serve(objectPath, object);
        this.#cleanup.push(() => served.close());
      }
      const ownership = await this.#bus.requestName(destination);
      if (ownership.state !== "owner") throw new NotAvailableError(`another connection owns the name ${destination}`);
      this.#cleanup.unshift(() => ownership.release());
    } catch (error) {
      await this.close();
      throw error;
    }
    void this.#bus.closed.then(() => this.close());
  }

  close(): Promise<void> {
    this.#closed ??= this.#leave();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #leave(): Promise<void> {
    await Promise.all([...this.#connections.values()].map((connection) => connection.disconnect()));
    for (const step of this.#cleanup) await step().catch(this.#onError);
  }

  async #createConnection(protocol: Protocol, parameters: ParameterValues, consumer: Consumer): Promise<Target> {
    const account = protocol.identifyAccount(parameters);
    const target = connectionTarget({ manager: this.#options.name, protocol: protocol.name, account });
    const { destination, path } = target;
    if (this.#closed !== undefined) throw new NotAvailableError("the connection manager is leaving");
    if (this.#connections.has(path)) throw new NotAvailableError(`there is a connection ${destination}`);
    const request = { protocol, parameters, target, options: this.#connectionOptions, onError: this.#onError };
    const connection = this.#countConnection(consumer, () => new ServedConnection(this.#bus, request));
    // From here on the account counts as connected, also while the bus has not answered the request for the name yet.
    this.#connections.set(path, connection);
    void connection.gone.then(() => {
      this.#connections.delete(path);
      this.#connectionUsage.end(consumer);
    });
    try {
      this.#options.onConnection?.(connection.object);
      await connection.publish();
    } catch (error) {
      await connection.disconnect();
      throw error;
    }
    return target;
  }

  /** Counts a connection and creates it. Throws LimitsExceededError beyond a quota. */
  #countConnection(consumer: Consumer, create: () => ServedConnection): ServedConnection {
    this.#connectionUsage.begin(consumer);
    try {
      return create();
    } catch (error) {
      this.#connectionUsage.end(consumer);
      throw error;
    }
  }
}

/** Returns a hook that drops errors thrown by the given hook, because no caller could handle them. */
function withoutThrowing(onError: ManagerOptions["onError"]): (error: unknown) => void {
  return (error) => {
    try {
      onError?.(error);
    } catch {
      // No error handler is left.
    }
  };
}
