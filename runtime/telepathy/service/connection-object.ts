import type { AnyService, Incoming } from "@dbus-codegen-ts/runtime";
import {
  ConnectionService,
  ConnectionStatus,
  type Handle,
  type HandleType,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { type ConnectionListener, ConnectionModel, type ConnectionOptions } from "../connection/connection-model.ts";
import type { ParameterValues } from "../protocols/parameters.ts";
import type { Protocol } from "../protocols/protocol.ts";

/** Services that a connection's object requires from the code that publishes it on the bus. */
export interface ConnectionObjectContext {
  /** Resolves when the connection has ended, and its object and name are no longer on the bus. */
  readonly gone: Promise<void>;
  /** Serves an additional interface at the connection's path. */
  serve(service: AnyService): void;
  /** Starts watching a client, because its interests must be removed when it leaves the bus. */
  watchClient(client: string): void;
  /** Called with errors that no caller awaits. */
  onError(error: unknown): void;
}

/** Service for `im.telepathy1.Connection`: makes a `ConnectionModel` available on the bus. */
export class ConnectionObject extends ConnectionService {
  /** State and behaviour of the connection, for services of additional interfaces. */
  readonly model: ConnectionModel;
  readonly #context: ConnectionObjectContext;

  /** @throws InvalidArgumentError if the protocol rejects the parameters. */
  constructor(
    protocol: Protocol,
    parameters: ParameterValues,
    context: ConnectionObjectContext,
    options?: ConnectionOptions,
  ) {
    super({ interfaces: [], protocol: protocol.name, selfHandle: 0, status: ConnectionStatus.Disconnected });
    this.#context = context;
    this.model = new ConnectionModel(protocol, parameters, this.#createListener(), options);
  }

  /**
   * Adds an optional interface, or does nothing if the connection has it already. Interfaces cannot be removed.
   *
   * @throws Error if the connection is connected or disconnected: then the property Interfaces must not change.
   */
  addInterface(name: string, service: AnyService): void {
    const { interfaces } = this.properties;
    if (this.model.phase !== "new" && this.model.phase !== "connecting") {
      throw new Error(`${name} comes too late: the connection is ${this.model.phase}`);
    }
    if (interfaces.includes(name)) return;
    this.#context.serve(service);
    this.properties.interfaces = [...interfaces, name];
  }

  connect() {
    this.model.connect();
  }

  async disconnect() {
    void this.model.disconnect();
    await this.#context.gone;
  }

  inspectHandles(type: HandleType, handles: readonly Handle[]) {
    return this.model.inspectHandles(type, handles);
  }

  async requestHandles(type: HandleType, identifiers: readonly string[], incoming: Incoming) {
    const { uid } = await incoming.credentials();
    return this.model.requestHandles(type, identifiers, { client: incoming.sender, uid });
  }

  addClientInterest(tokens: readonly string[], { sender }: Incoming) {
    this.model.addInterests(sender, tokens);
    if (this.model.interestedClientCount > 0) this.#context.watchClient(sender);
  }

  removeClientInterest(tokens: readonly string[], { sender }: Incoming) {
    this.model.removeInterests(sender, tokens);
  }

  #createListener(): ConnectionListener {
    const { properties, signals } = this;
    return {
      selfHandleChanged: (handle) => {
        properties.selfHandle = handle;
        this.#emit(() => signals.selfHandleChanged(handle));
      },
      connectionError: (name, details) => {
        // PropertiesChanged of the status must not be sent between this signal and StatusChanged.
        properties.status = ConnectionStatus.Disconnected;
        this.#emit(() => signals.connectionError(name, details));
      },
      statusChanged: (status, reason) => {
        properties.status = status;
        this.#emit(() => signals.statusChanged(status, reason));
      },
      protocolError: (error) => this.#context.onError(error),
    };
  }

  /** Calls a function that emits a signal. Reports an error, so that a failed signal does not prevent the change. */
  #emit(emit: () => void): void {
    try {
      emit();
    } catch (error) {
      this.#context.onError(error);
    }
  }
}
