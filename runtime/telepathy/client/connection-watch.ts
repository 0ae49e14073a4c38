import type { Bus, Subscription } from "@dbus-codegen-ts/runtime";
import { deferred } from "@dbus-codegen-ts/runtime/async";
import { ConnectionStatus, ConnectionStatusReason } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { type ConnectionEnd, ConnectionEndedError } from "./connection-end.ts";
import type { RemoteConnection } from "./remote-connection.ts";

/** Observer of one remote connection: its status, self handle and end. */
export class ConnectionWatch implements AsyncDisposable {
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
  readonly #connected = deferred<void>();

  constructor(connection: RemoteConnection) {
    this.#connection = connection;
  }

  /**
   * Subscribes to the connection's signals and to the owner of its bus name. Resolves when all subscriptions are
   * active. If the bus refuses a subscription, removes the others and rejects.
   */
  async start(bus: Bus, name: string): Promise<void> {
    let wasOwned = false;
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
      }),
      bus.watchName(name, (owner) => {
        if (owner === undefined && wasOwned) this.#onNameLost();
        wasOwned = owner !== undefined;
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

  /** The user's handle as last received or read; 0 before the first. */
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

  /**
   * Reads the user's handle, because a connection that was connected before the subscription sends no signal for
   * it.
   */
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

  /** Handles the loss of the bus name without StatusChanged, for example when the connection manager crashed. */
  #onNameLost(): void {
    const wasConnected = this.#status === ConnectionStatus.Connected;
    this.#setEnd({ reason: ConnectionStatusReason.NoneSpecified, wasConnected });
  }

  #setEnd(end: ConnectionEnd): void {
    if (this.#end !== undefined) return;
    this.#end = new ConnectionEndedError({ ...end, ...(this.#error !== undefined && { error: this.#error }) });
    this.#ended.resolve(this.#end);
  }
}
