import type { Subscription } from "@dbus-codegen-ts/runtime";
import { deferred } from "@dbus-codegen-ts/runtime/async";
import { ConnectionStatus, ConnectionStatusReason } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { type ConnectionEnd, ConnectionEndedError } from "./connection-end.ts";
import type { RemoteConnection } from "./remote-connection.ts";

/** A connection whose end is reported. */
export interface EndedConnection {
  /**
   * Calls a listener once: when the connection ends, or immediately if it has ended already. Resolves with an
   * object that removes the listener.
   */
  onEnd(listener: (end: ConnectionEndedError) => void): Promise<Subscription>;
}

/** Observer of one remote connection: its status, self handle and end. */
export class ConnectionWatch implements EndedConnection, AsyncDisposable {
  readonly #connection: RemoteConnection;
  readonly #subscriptions: Subscription[] = [];
  #status: ConnectionStatus | undefined;
  #selfHandle = 0;
  /** Number of received changes of the self handle. */
  #selfHandleChanges = 0;
  /** Arguments of the last ConnectionError, until the next StatusChanged. */
  #error: ConnectionEnd["error"];
  #end: ConnectionEndedError | undefined;
  readonly #ended = deferred<ConnectionEndedError>();
  readonly #endListeners = new Set<(end: ConnectionEndedError) => void>();
  readonly #connected = deferred<void>();

  constructor(connection: RemoteConnection) {
    this.#connection = connection;
  }

  /**
   * Subscribes to the connection's signals and to the end of its connection manager. Resolves when all subscriptions are
   * active. If the bus refuses a subscription, removes the others and rejects.
   */
  async start(): Promise<void> {
    const results = await Promise.allSettled([
      ...this.#connection.subscribe({
        connectionError: (errorName, details) => {
          this.#error = { name: errorName, details };
        },
        statusChanged: (status, reason) => this.#onStatusChanged(status, reason),
        selfHandleChanged: (handle) => {
          this.#selfHandle = handle;
          this.#selfHandleChanges++;
        },
        statusMissed: () => this.#onStatusMissed(),
      }),
    ]);
    for (const result of results) if (result.status === "fulfilled") this.#subscriptions.push(result.value);
    const refused = results.find((result) => result.status === "rejected");
    if (refused === undefined) return;
    await this.close();
    throw refused.reason;
  }

  /** Resolves with the reason and error when the connection has ended. Never rejects. */
  get ended(): Promise<ConnectionEndedError> {
    return this.#ended.promise;
  }

  /** The end of the connection; undefined as long as it has not ended. */
  get end(): ConnectionEndedError | undefined {
    return this.#end;
  }

  /** The user's handle as last received or read; 0 if it is not known yet. */
  get selfHandle(): number {
    return this.#selfHandle;
  }

  /**
   * Returns the status. If StatusChanged is received before the reply, returns the status of the signal, which is
   * newer.
   */
  async readStatus(): Promise<ConnectionStatus> {
    const status = await this.#connection.status();
    if (this.#status === undefined) this.#setStatus(status);
    return this.#status ?? status;
  }

  /** Reads the user's handle, because the connection may have announced it before the subscription, or not at all. */
  async readSelfHandle(): Promise<void> {
    const before = this.#selfHandleChanges;
    const handle = await this.#connection.selfHandle();
    if (this.#selfHandleChanges === before) this.#selfHandle = handle;
  }

  /** Resolves when the connection is connected. Rejects with ConnectionEndedError if it ends before. */
  async connected(): Promise<void> {
    const end = await Promise.race([this.#connected.promise, this.ended]);
    if (end !== undefined) throw end;
  }

  async onEnd(listener: (end: ConnectionEndedError) => void): Promise<Subscription> {
    if (this.#end === undefined) this.#endListeners.add(listener);
    else listener(this.#end);
    const close = async (): Promise<void> => void this.#endListeners.delete(listener);
    return { close, [Symbol.asyncDispose]: close };
  }

  async close(): Promise<void> {
    await Promise.all(this.#subscriptions.splice(0).map((subscription) => subscription.close()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #onStatusChanged(status: ConnectionStatus, reason: ConnectionStatusReason): void {
    const wasConnected = this.#status === ConnectionStatus.Connected;
    if (status === ConnectionStatus.Disconnected) this.#setEnd({ reason, wasConnected });
    // ConnectionError refers to the end only if StatusChanged follows it immediately.
    this.#error = undefined;
    this.#setStatus(status);
  }

  #setStatus(status: ConnectionStatus): void {
    this.#status = status;
    if (status === ConnectionStatus.Connected) this.#connected.resolve();
  }

  /**
   * Handles a connection that may have ended without StatusChanged: the connection manager crashed, this program's
   * connection to the bus ended, or a StatusChanged cannot be read.
   */
  #onStatusMissed(): void {
    const wasConnected = this.#status === ConnectionStatus.Connected;
    this.#setEnd({ reason: ConnectionStatusReason.NoneSpecified, wasConnected });
  }

  #setEnd(end: ConnectionEnd): void {
    if (this.#end !== undefined) return;
    this.#end = new ConnectionEndedError({ ...end, ...(this.#error !== undefined && { error: this.#error }) });
    this.#ended.resolve(this.#end);
    const listeners = [...this.#endListeners];
    this.#endListeners.clear();
    for (const listener of listeners) listener(this.#end);
  }
}
