import type { AnyService } from "@dbus-codegen-ts/runtime";
import { type ConnectionListener, ConnectionModel, type ConnectionOptions } from "../connection/connection-model.ts";
import type { Dialect } from "../dialects/dialect.ts";
import type { ParameterValues } from "../protocols/parameters.ts";
import type { Protocol } from "../protocols/protocol.ts";
import { ConnectionView } from "./connection-view.ts";

/** Functions that a connection's object requires from the code that publishes it on the bus. */
export interface ConnectionObjectContext {
  /** The dialects in which the connection is served. */
  readonly dialects: readonly Dialect[];
  /** Resolves when the connection has ended and has left the bus. */
  readonly gone: Promise<void>;
  /** Serves an additional interface at the object paths of the connection. */
  serve(service: AnyService): void;
  /** Starts to watch a client, whose interests must be removed when it leaves the bus. */
  watchClient(client: string): void;
  /** Called with errors for which no caller waits. */
  onError(error: unknown): void;
}

/** A connection with its views: one service of the interface Connection for each dialect. */
export class ConnectionObject {
  /** State and behaviour of the connection, for use by services of additional interfaces. */
  readonly model: ConnectionModel;
  readonly views: readonly ConnectionView[];
  readonly #context: ConnectionObjectContext;
  /** Canonical names of the connection's optional interfaces. */
  readonly #interfaces = new Set<string>();

  /**
   * Creates the connection and its views.
   *
   * @throws InvalidArgumentError if the protocol rejects the parameters.
   */
  constructor(
    protocol: Protocol,
    parameters: ParameterValues,
    context: ConnectionObjectContext,
    options?: ConnectionOptions,
  ) {
    this.#context = context;
    const model = new ConnectionModel(protocol, parameters, this.#createListener(), options);
    this.model = model;
    const { gone, watchClient, dialects } = context;
    const viewContext = { model, protocol: protocol.name, gone, watchClient };
    this.views = dialects.map((dialect) => new ConnectionView(dialect, viewContext));
  }

  /**
   * Adds an optional interface. Does nothing if the connection has it already. Interfaces cannot be removed.
   *
   * @throws Error if the connection is connected or disconnected, because the property Interfaces must not change
   * then.
   */
  addInterface(name: string, service: AnyService): void {
    const { phase } = this.model;
    if (phase !== "new" && phase !== "connecting")
      throw new Error(`${name} cannot be added any more: the connection is ${phase}`);
    if (this.#interfaces.has(name)) return;
    this.#context.serve(service);
    this.nameInterface(name);
  }

  /** Adds the name of an interface to the property Interfaces. The caller serves the interface. */
  nameInterface(name: string): void {
    this.#interfaces.add(name);
    for (const view of this.views) view.addInterface(name);
  }

  #createListener(): ConnectionListener {
    return {
      selfHandleChanged: (...args) => this.#notify((view) => view.selfHandleChanged(...args)),
      connectionError: (...args) => this.#notify((view) => view.connectionError(...args)),
      statusChanged: (...args) => this.#notify((view) => view.statusChanged(...args)),
      protocolError: (error) => this.#context.onError(error),
    };
  }

  /** Calls a function for each view. Errors are reported, so that a failed signal does not prevent the change. */
  #notify(announce: (view: ConnectionView) => void): void {
    for (const view of this.views) {
      try {
        announce(view);
      } catch (error) {
        this.#context.onError(error);
      }
    }
  }
}
