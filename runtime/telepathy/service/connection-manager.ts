import type { Bus } from "@dbus-codegen-ts/runtime";
import { NotAvailableError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import type { ConnectionOptions } from "../connection/connection-model.ts";
import { connectionPlace, managerPlace, type Place, protocolPlace } from "../connection/object-names.ts";
import type { ParameterValues, Protocol } from "../protocols/protocol.ts";
import { ManagerObject } from "./connection-manager-object.ts";
import type { ConnectionObject } from "./connection-object.ts";
import { ProtocolObject } from "./protocol-object.ts";
import { ExportedConnection } from "./served-connection.ts";

/** What a connection manager is. */
export interface ManagerOptions extends ConnectionOptions {
  /** ASCII letters, digits and underscores, beginning with a letter: the last part of its bus name. */
  readonly name: string;
  /** The protocols that it speaks. */
  readonly protocols: readonly Protocol[];
  /** Is told of errors that no caller can be told, such as those of protocol code. Dropped by default. */
  readonly onError?: (error: unknown) => void;
  /** Called with each connection before it is on the bus: may add interfaces to it. */
  readonly onConnection?: (connection: ConnectionObject) => void;
}

/** A connection manager on the bus, until closed. */
export interface ServedManager extends AsyncDisposable {
  /** Its bus name and object path. */
  readonly place: Place;
  /** How many connections there are. */
  readonly connections: number;
  /** Disconnects all connections and leaves the bus. Closing again waits for the same end. */
  close(): Promise<void>;
}

/**
 * Serves a connection manager: its object, one for each protocol, and the connections that are requested of it. They end
 * with the manager, and when the connection to the bus does.
 *
 * Where deployed connection managers and the interfaces' descriptions differ, the descriptions decide:
 *
 * | | here | deployed |
 * | --- | --- | --- |
 * | InspectHandles, type without handles | InvalidArgument | NotImplemented |
 * | RequestHandles, one identifier of many is bad | no handle is made | those before it, or all others, are |
 * | ConnectionError before a disconnection | always, unless it was requested | often missing |
 * | interest from before the connection is connected | the protocol hears of it once connected | at once |
 * | interest when the connection ends | the protocol hears of its end | nothing |
 * | an interest that is taken back in part | the client stays known until the last one | it may stay for ever |
 * | SelfHandleChanged before connected | always | sometimes |
 * | the property Protocol, PropertiesChanged | yes | no |
 * | unknown properties and interfaces, read-only properties | the standard errors of D-Bus | NotImplemented, an empty answer, PermissionDenied |
 * | GetParameters, ListProtocols | also, for older programs | not in this version |
 *
 * @throws InvalidArgumentError when the name, or that of a protocol, is none; NotAvailableError when somebody else has
 * the bus name.
 */
export async function serveConnectionManager(bus: Bus, options: ManagerOptions): Promise<ServedManager> {
  const manager = new Manager(bus, options);
  await manager.enter();
  return manager;
}

class Manager implements ServedManager {
  readonly place: Place;
  readonly #bus: Bus;
  readonly #options: ManagerOptions;
  readonly #onError: (error: unknown) => void;
  readonly #connections = new Map<string, ExportedConnection>();
  readonly #leaving: (() => Promise<unknown>)[] = [];
  #closed: Promise<void> | undefined;

  constructor(bus: Bus, options: ManagerOptions) {
    this.place = managerPlace(options.name);
    this.#bus = bus;
    this.#options = options;
    this.#onError = quiet(options.onError);
  }

  get connections(): number {
    return this.#connections.size;
  }

  async enter(): Promise<void> {
    const { name, protocols } = this.#options;
    const byName = new Map(protocols.map((protocol) => [protocol.name, protocol]));
    const { destination, path } = this.place;
    const object = new ManagerObject(byName, (protocol, parameters) => this.#make(protocol, parameters));
    const objects = [
      { path, object },
      ...protocols.map((one) => ({ path: protocolPlace(name, one.name).path, object: new ProtocolObject(one) })),
    ];
    try {
      for (const one of objects) {
        const served = await this.#bus.serve(one.path, one.object);
        this.#leaving.push(() => served.close());
      }
      const owned = await this.#bus.requestName(destination);
      if (owned.state !== "owner") throw new NotAvailableError(`somebody else has the name ${destination}`);
      this.#leaving.unshift(() => owned.release());
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
    for (const step of this.#leaving) await step().catch(this.#onError);
  }

  async #make(protocol: Protocol, parameters: ParameterValues): Promise<Place> {
    const account = protocol.identifyAccount(parameters);
    const place = connectionPlace({ manager: this.#options.name, protocol: protocol.name, account });
    if (this.#closed !== undefined) throw new NotAvailableError("the connection manager is leaving");
    if (this.#connections.has(place.path)) throw new NotAvailableError(`there is a connection ${place.destination}`);
    const making = { protocol, parameters, place, options: this.#options, onError: this.#onError };
    const connection = new ExportedConnection(this.#bus, making);
    // From here on the name is taken, also while the bus is still asked for it.
    this.#connections.set(place.path, connection);
    void connection.gone.then(() => this.#connections.delete(place.path));
    try {
      this.#options.onConnection?.(connection.object);
      await connection.enter();
    } catch (error) {
      await connection.disconnect();
      throw error;
    }
    return place;
  }
}

/** The hook, kept from throwing where nobody could catch it. */
function quiet(onError: ManagerOptions["onError"]): (error: unknown) => void {
  return (error) => {
    try {
      onError?.(error);
    } catch {
      // There is nobody left to tell.
    }
  };
}
