import type { AnyService, Incoming } from "@dbus-codegen-ts/runtime";
import {
  ConnectionService,
  ConnectionStatus,
  type Handle,
  type HandleType,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { type ConnectionListener, type ConnectionOptions, LiveConnection } from "../connection/connection-model.ts";
import type { ParameterValues, Protocol } from "../protocols/protocol.ts";

/** What stands between a connection's object and the bus. */
export interface ConnectionExport {
  /** Resolves when the connection is over, and its object and name have left the bus. */
  readonly gone: Promise<void>;
  /** Serves what was added. Called from the constructor on. */
  serve(service: AnyService): void;
  /** A client has become interested in something: when it leaves, `dropClient` has to be called. */
  interested(client: string): void;
  /** Is told of errors that no caller can be told. */
  onError(error: unknown): void;
}

/** Serves `im.telepathy1.Connection`: brings a connection's behaviour to the bus. */
export class ConnectionObject extends ConnectionService {
  /** The behaviour, for what else is served about the connection. */
  readonly live: LiveConnection;
  readonly #export: ConnectionExport;

  /** @throws InvalidArgumentError when the protocol does not take the parameters. */
  constructor(protocol: Protocol, parameters: ParameterValues, around: ConnectionExport, options?: ConnectionOptions) {
    super({ interfaces: [], protocol: protocol.name, selfHandle: 0, status: ConnectionStatus.Disconnected });
    this.#export = around;
    this.live = new LiveConnection(protocol, parameters, this.#listener(), options);
  }

  /**
   * Adds an optional interface. Interfaces are never removed.
   *
   * @throws Error once the connection is connected, or over.
   */
  addInterface(name: string, service: AnyService): void {
    const { interfaces } = this.properties;
    if (this.live.phase !== "new" && this.live.phase !== "connecting") {
      throw new Error(`${name} comes too late: the connection is ${this.live.phase}`);
    }
    if (interfaces.includes(name)) return;
    this.#export.serve(service);
    this.properties.interfaces = [...interfaces, name];
  }

  connect() {
    this.live.connect();
  }

  async disconnect() {
    void this.live.disconnect();
    await this.#export.gone;
  }

  inspectHandles(type: HandleType, handles: readonly Handle[]) {
    return this.live.inspectHandles(type, handles);
  }

  requestHandles(type: HandleType, identifiers: readonly string[]) {
    return this.live.requestHandles(type, identifiers);
  }

  addClientInterest(tokens: readonly string[], { sender }: Incoming) {
    this.live.addInterest(sender, tokens);
    if (this.live.interestedClients > 0) this.#export.interested(sender);
  }

  removeClientInterest(tokens: readonly string[], { sender }: Incoming) {
    this.live.removeInterest(sender, tokens);
  }

  #listener(): ConnectionListener {
    const { properties, signals } = this;
    return {
      selfHandleChanged: (handle) => {
        properties.selfHandle = handle;
        this.#announce(() => signals.selfHandleChanged(handle));
      },
      connectionError: (name, details) => {
        // What a change announces by itself must not come between this signal and StatusChanged.
        properties.status = ConnectionStatus.Disconnected;
        this.#announce(() => signals.connectionError(name, details));
      },
      statusChanged: (status, reason) => {
        properties.status = status;
        this.#announce(() => signals.statusChanged(status, reason));
      },
      protocolFailed: (error) => this.#export.onError(error),
    };
  }

  /** What cannot be announced must not keep the connection from what comes next. */
  #announce(emit: () => void): void {
    try {
      emit();
    } catch (error) {
      this.#export.onError(error);
    }
  }
}
