import { type AnyService, type Bus, errorWarnings, type ObjectPath, type Target } from "@dbus-codegen-ts/runtime";
import { type Consumer, UsageCounts } from "@dbus-codegen-ts/runtime/usage";
import { NotAvailableError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import type { ConnectionOptions } from "../connection/connection-model.ts";
import { connectionTarget, managerTarget, protocolTarget } from "../connection/object-names.ts";
import type { Dialect } from "../dialects/dialect.ts";
import { DEFAULT_DIALECTS, requireDifferentNames } from "../dialects/dialects.ts";
import type { ParameterValues } from "../protocols/parameters.ts";
import type { Protocol } from "../protocols/protocol.ts";
import { DEFAULT_MANAGER_QUOTAS, type ManagerQuotas } from "../quotas.ts";
import type { ConnectionObject } from "./connection-object.ts";
import { type CreateConnection, ManagerView } from "./manager-view.ts";
import { ProtocolView } from "./protocol-view.ts";
import { ServedConnection } from "./served-connection.ts";

/** Options of a connection manager and of its connections. */
export interface ManagerOptions extends Omit<ConnectionOptions, "handleUsage" | "channelUsage"> {
  /**
   * Name of the manager, the last element of its bus name: ASCII letters, digits and underscores, starting with a
   * letter.
   */
  readonly name: string;
  readonly protocols: readonly Protocol[];
  /**
   * Versions of the API in which the manager and its connections are served: `telepathy-1-2012` by default. Two versions
   * with the same names cannot be combined.
   */
  readonly dialects?: readonly Dialect[];
  /** Limits on what clients may use. */
  readonly quotas?: ManagerQuotas;
  /**
   * Called with errors for which no caller waits, such as those of protocol code. By default, they are emitted as
   * warnings of the process.
   */
  readonly onError?: (error: unknown) => void;
  /** Called with each connection before the connection is published on the bus. The function may add interfaces. */
  readonly onConnection?: (connection: ConnectionObject) => void;
}

/** A connection manager on the bus, until closed. */
export interface ServedManager extends AsyncDisposable {
  /** Bus name and object path of the manager in the first dialect. */
  readonly target: Target;
  /** Bus names and object paths of the manager, one for each dialect. */
  readonly targets: readonly Target[];
  /** Number of connections that have not ended. */
  readonly connectionCount: number;
  /** Disconnects all connections and removes the manager from the bus. Further calls return the same promise. */
  close(): Promise<void>;
}

/**
 * Serves a connection manager: its object, an object for each protocol, and the connections that clients request.
 * The connections end with the manager, and when the connection to the bus is lost. The README of the package lists
 * differences from deployed connection managers.
 *
 * @throws InvalidArgumentError if the name of the manager or of a protocol is invalid; NotAvailableError if another
 * connection owns the bus name.
 */
export async function serveConnectionManager(bus: Bus, options: ManagerOptions): Promise<ServedManager> {
  const manager = new Manager(bus, options);
  await manager.publish();
  return manager;
}

class Manager implements ServedManager {
  readonly target: Target;
  readonly targets: readonly Target[];
  readonly #dialects: readonly Dialect[];
  readonly #views: readonly ManagerView[];
  readonly #bus: Bus;
  readonly #options: ManagerOptions;
  readonly #onError: (error: unknown) => void;
  /** Connections by object path in the first dialect. */
  readonly #connections = new Map<ObjectPath, ServedConnection>();
  readonly #quotas: Required<ManagerQuotas>;
  readonly #connectionUsage: UsageCounts;
  readonly #connectionOptions: ConnectionOptions;
  /** Functions that remove the manager from the bus, called in this order. */
  readonly #cleanup: (() => Promise<unknown>)[] = [];
  #closed: Promise<void> | undefined;

  constructor(bus: Bus, options: ManagerOptions) {
    const { name, protocols, dialects = DEFAULT_DIALECTS } = options;
    requireDifferentNames(dialects);
    this.#dialects = dialects;
    this.targets = dialects.map(({ root }) => managerTarget(name, root));
    this.target = this.targets[0] ?? managerTarget(name);
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
    const { channelsPerClient, channelsPerUser, channels } = this.#quotas;
    const channelQuotas = { perClient: channelsPerClient, perUser: channelsPerUser, total: channels };
    this.#connectionOptions = {
      ...options,
      handleUsage: new UsageCounts("handles", handleQuotas),
      channelUsage: new UsageCounts("channels", channelQuotas),
    };
    const create: CreateConnection = (...args) => this.#createConnection(...args);
    this.#views = dialects.map((dialect) => new ManagerView(dialect, protocols, this.#quotas.parameterBytes, create));
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  /** Serves the objects of the manager and its protocols, then requests the bus names. */
  async publish(): Promise<void> {
    try {
      for (const [path, service] of this.#services()) {
        const served = await this.#bus.serve(path, service);
        this.#cleanup.push(() => served.close());
      }
      for (const { destination } of this.targets) {
        const ownership = await this.#bus.requestName(destination);
        if (ownership.state !== "owner") throw new NotAvailableError(`another connection owns the name ${destination}`);
        this.#cleanup.unshift(() => ownership.release());
      }
    } catch (error) {
      await this.close();
      throw error;
    }
    void this.#bus.closed.then(() => this.close());
  }

  #services(): readonly (readonly [ObjectPath, AnyService])[] {
    const { name, protocols } = this.#options;
    return this.#views.flatMap((view) => {
      const { dialect } = view;
      return [
        [managerTarget(name, dialect.root).path, view] as const,
        ...protocols.map(
          (protocol) =>
            [protocolTarget(name, protocol.name, dialect.root).path, new ProtocolView(dialect, protocol)] as const,
        ),
      ];
    });
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

  async #createConnection(
    protocol: Protocol,
    parameters: ParameterValues,
    consumer: Consumer,
  ): Promise<ReadonlyMap<Dialect, Target>> {
    const account = protocol.identifyAccount(parameters);
    await this.#untilLeft(protocol, account);
    if (this.#closed !== undefined) throw new NotAvailableError("the connection manager is being closed");
    const targets = this.#chooseTargets(protocol, account);
    const [[, { path }] = [undefined, this.target]] = targets;
    const request = { protocol, parameters, targets, options: this.#connectionOptions, onError: this.#onError };
    const connection = this.#countConnection(consumer, () => new ServedConnection(this.#bus, request));
    // From here on, the account has a connection, even if the bus has not granted the name yet.
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
    for (const view of this.#views) {
      const target = targets.get(view.dialect);
      if (target !== undefined) view.connectionCreated(target, protocol.name);
    }
    return targets;
  }

  /** If the connection of an account has been disconnected, waits until it has left the bus. */
  async #untilLeft(protocol: Protocol, account: string): Promise<void> {
    const { path } = this.#targetOf(protocol, account);
    for (let former = this.#connections.get(path); former !== undefined; former = this.#connections.get(path)) {
      if (former.object.model.phase !== "disconnected") return;
      await former.gone;
    }
  }

  /** Returns the bus name and object path of an account's first connection in the first dialect. */
  #targetOf(protocol: Protocol, account: string): Target {
    const parts = { manager: this.#options.name, protocol: protocol.name, account };
    return connectionTarget(parts, this.#dialects[0]?.root);
  }

  /**
   * Returns unused bus names and object paths for a connection. Further connections of the same account get a
   * number after `_n`, which does not occur in escaped identifiers. Throws NotAvailableError if the protocol
   * permits only one connection.
   */
  #chooseTargets(protocol: Protocol, account: string): ReadonlyMap<Dialect, Target> {
    const manager = this.#options.name;
    for (let number = 1; ; number++) {
      const suffix = number === 1 ? "" : `_n${number}`;
      const parts = { manager, protocol: protocol.name, account, suffix };
      const targets = new Map(this.#dialects.map((dialect) => [dialect, connectionTarget(parts, dialect.root)]));
      const [first = this.target] = targets.values();
      if (!this.#connections.has(first.path)) return targets;
      if (protocol.permitsSeveralConnections !== true) {
        throw new NotAvailableError(`the account has the connection ${first.destination} already`);
      }
    }
  }

  /** Creates a connection and counts it. Throws LimitsExceededError if a quota is reached. */
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

/**
 * Returns a function that passes errors to the hook, and drops errors that the hook throws. Without a hook, errors
 * are emitted as warnings of the process.
 */
function withoutThrowing(onError: ManagerOptions["onError"]): (error: unknown) => void {
  const report = errorWarnings();
  if (onError === undefined) return (error) => report(error, "a connection manager");
  return (error) => {
    try {
      onError(error);
    } catch {
      // There is no other function to report the error to.
    }
  };
}
