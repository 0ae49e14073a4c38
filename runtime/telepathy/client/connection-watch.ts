import type { Bus, Subscription } from "@dbus-codegen-ts/runtime";
import { deferred } from "@dbus-codegen-ts/runtime/async";
import {
  type ConnectionClient,
  ConnectionStatus,
  ConnectionStatusReason,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { type ConnectionEnd, ConnectionEndedError } from "./connection-end.ts";

/** Follows what happens to one connection, from its first signal to its end. */
export class ConnectionWatch implements AsyncDisposable {
  readonly #client: ConnectionClient;
  readonly #subscriptions: Subscription[] = [];
  #status: ConnectionStatus | undefined;
  #selfHandle = 0;
  #selfChanges = 0;
  #error: ConnectionEnd["error"];
  #end: ConnectionEndedError | undefined;
  readonly #ended = deferred<ConnectionEndedError>();
  readonly #connected = deferred<void>();

  constructor(client: ConnectionClient) {
    this.#client = client;
  }

  /** Listens; resolves when nothing can be missed any more. Rejects, and nothing stays behind, when the bus refuses. */
  async start(bus: Bus, name: string): Promise<void> {
    const { connectionError, statusChanged, selfHandleChanged } = this.#client.signals;
    let wasOwned = false;
    const listening = await Promise.allSettled([
      connectionError.subscribe((error, details) => {
        this.#error = { name: error, details };
      }),
      statusChanged.subscribe((status, reason) => this.#heard(status, reason)),
      selfHandleChanged.subscribe((handle) => {
        this.#selfHandle = handle;
        this.#selfChanges++;
      }),
      bus.watchName(name, (owner) => {
        if (owner === undefined && wasOwned) this.#left();
        wasOwned = owner !== undefined;
      }),
    ]);
    for (const one of listening) if (one.status === "fulfilled") this.#subscriptions.push(one.value);
    const refused = listening.find((one) => one.status === "rejected");
    if (refused === undefined) return;
    await this.close();
    throw refused.reason;
  }

  /** Resolves when the connection has ended, with all that was heard about it. Never rejects. */
  get ended(): Promise<ConnectionEndedError> {
    return this.#ended.promise;
  }

  /** How the connection has ended; undefined as long as it has not. */
  get end(): ConnectionEndedError | undefined {
    return this.#end;
  }

  /** The user's handle as last heard or read; 0 before it is known. */
  get selfHandle(): number {
    return this.#selfHandle;
  }

  /** Asks for the status. A signal that came in the meantime is newer than the answer. */
  async readStatus(): Promise<ConnectionStatus> {
    const status = await this.#client.properties.status.get();
    if (this.#status === undefined) this.#become(status);
    return this.#status ?? status;
  }

  /** Asks for the user's handle: not every change before the connection is connected is announced. */
  async readSelfHandle(): Promise<void> {
    const before = this.#selfChanges;
    const handle = await this.#client.properties.selfHandle.get();
    if (this.#selfChanges === before) this.#selfHandle = handle;
  }

  /** Resolves when the connection is connected. Rejects with ConnectionEndedError when it ends before. */
  async connected(): Promise<void> {
    const end = await Promise.race([this.#connected.promise, this.ended]);
    if (end !== undefined) throw end;
  }

  async close(): Promise<void> {
    await Promise.all(this.#subscriptions.splice(0).map((one) => one.close()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #heard(status: ConnectionStatus, reason: ConnectionStatusReason): void {
    const wasConnected = this.#status === ConnectionStatus.Connected;
    if (status === ConnectionStatus.Disconnected) this.#over({ reason, wasConnected });
    // Only what comes immediately before the end is about the end.
    this.#error = undefined;
    this.#become(status);
  }

  #become(status: ConnectionStatus): void {
    this.#status = status;
    if (status === ConnectionStatus.Connected) this.#connected.resolve();
  }

  /** The connection manager has gone without a word, such as by a crash. */
  #left(): void {
    const wasConnected = this.#status === ConnectionStatus.Connected;
    this.#over({ reason: ConnectionStatusReason.NoneSpecified, wasConnected });
  }

  #over(heard: ConnectionEnd): void {
    if (this.#end !== undefined) return;
    this.#end = new ConnectionEndedError({ ...heard, ...(this.#error !== undefined && { error: this.#error }) });
    this.#ended.resolve(this.#end);
  }
}
