import { setTimeout as sleep } from "node:timers/promises";
import { deferred } from "../async.ts";
import { errorOf } from "../errors.ts";
import type { ConnectionHook } from "../hooks.ts";
import { DisconnectedError, LimitsExceededError } from "../standard-errors.ts";
import type { ArgumentsCodec } from "../wire/arguments-codec.ts";
import { Deframer } from "../wire/deframer.ts";
import { closeDescriptors } from "../wire/descriptors.ts";
import { MalformedMessageError } from "../wire/errors.ts";
import type { Header } from "../wire/header.ts";
import type { Message } from "../wire/message.ts";
import { type Backoff, ReconnectDelays } from "./backoff.ts";
import { DAEMON } from "./bus-members.ts";
import type { BusCounters } from "./counters.ts";
import { reportConnection, reportReceived, reportSent } from "./diagnostics.ts";
import { type EncodedMessage, MessageEncoder } from "./message-encoder.ts";
import type { Transport } from "./transport.ts";

/** How a lost connection is re-established. */
export interface Reconnect extends Backoff {
  /** Opens another transport; rejects when the signal aborts. */
  readonly dial: (signal: AbortSignal) => Promise<Transport>;
  /** Called when the connection is lost and when it is restored. Must not throw. */
  readonly onConnection: ConnectionHook;
}

/**
 * State of a connection that is down: attempts to reconnect follow, or the connection has ended by a loss or by
 * `close()`.
 */
export type DownState = "reconnecting" | "ended" | "closed";

/** Callbacks of a connection. */
export interface ConnectionReceiver {
  /** Receives a message. Must not throw. */
  onMessage(message: Message): void;
  /** Called when nothing can be sent any more, until a reconnect or permanently. Must not throw. */
  onDown(reason: DisconnectedError, state: DownState): void;
  /** Restores the registrations of the previous transport on a new one. Rejects if the bus refuses. */
  restore(): Promise<unknown>;
}

/** Settings of a connection. */
export interface ConnectionOptions {
  /** Options to reconnect. If undefined, the connection ends when its transport is lost. */
  readonly reconnect?: Reconnect | undefined;
  /** Maximum number of bytes that may wait to be sent. */
  readonly queuedBytes: number;
}

/** Messages over successive transports: framing, encoding, the limit of the send queue, and reconnection. */
export class Connection {
  readonly #receiver: ConnectionReceiver;
  readonly #counters: BusCounters;
  readonly #reconnect: Reconnect | undefined;
  readonly #delays: ReconnectDelays | undefined;
  readonly #queuedBytes: number;
  readonly #encoder = new MessageEncoder();
  readonly #abort = new AbortController();
  readonly #closed = deferred<Error | undefined>();
  #transport: Transport;
  #transportClosed = Promise.resolve();
  #failure: DisconnectedError | undefined;
  #isReconnecting = false;
  /** Time of `performance.now` at which the connection was established and all registrations were restored. */
  #upSince = performance.now();

  /** @param transport - A transport that is authenticated, has received the reply to Hello and is not started. */
  constructor(
    transport: Transport,
    receiver: ConnectionReceiver,
    counters: BusCounters,
    { reconnect, queuedBytes }: ConnectionOptions,
  ) {
    this.#transport = transport;
    this.#receiver = receiver;
    this.#counters = counters;
    this.#reconnect = reconnect;
    this.#delays = reconnect && new ReconnectDelays(reconnect);
    this.#queuedBytes = queuedBytes;
  }

  /**
   * Resolves when the connection has ended for good: with the error that ended the connection, or undefined after
   * `close()`. Never rejects.
   */
  get closed(): Promise<Error | undefined> {
    return this.#closed.promise;
  }

  /** Unique name of this connection; without a transport, the previous one. */
  get uniqueName(): string {
    return this.#transport.uniqueName;
  }

  /** Maximum number of file descriptors that a message can carry. */
  get maxDescriptors(): number {
    return this.#transport.maxDescriptors;
  }

  /** Resolves when the kernel has taken all written bytes, or the transport is closed. Never rejects. */
  drained(): Promise<void> {
    return this.#transport.drained();
  }

  /** Begins to deliver messages. Called once. */
  start(): void {
    reportConnection({ state: "connected", connection: this.uniqueName });
    this.#start(this.#transport);
  }

  /** Encodes and queues a message. Throws as `encode` does. */
  send(header: Header, codec: ArgumentsCodec, values: readonly unknown[]): void {
    this.write(header, codec, this.encode(header, codec, values));
  }

  /**
   * Encodes a message, which must then be passed to `write`.
   *
   * @throws InvalidValueError if a value does not fit; DisconnectedError while there is no transport; LimitsExceededError
   * if too many bytes wait to be sent.
   */
  encode(header: Header, codec: ArgumentsCodec, values: readonly unknown[]): EncodedMessage {
    if (this.#failure !== undefined) throw this.#failure;
    const { queued, maxDescriptors, peerName } = this.#transport;
    if (queued === 0) this.#encoder.reuseMemory();
    // Calls to the bus itself are never refused: they are small, and after a refused RemoveMatch the match rule would
    // remain.
    else if (queued > this.#queuedBytes && header.destination !== DAEMON) {
      throw new LimitsExceededError(`more than ${this.#queuedBytes} bytes wait to be sent`);
    }
    const sent = peerName === undefined ? header : { ...header, destination: undefined };
    return this.#encoder.encode(sent, codec, values, maxDescriptors);
  }

  /** Queues an encoded message. Drops the message if there is no transport. */
  write(header: Header, { signature }: ArgumentsCodec, { bytes, descriptors }: EncodedMessage): void {
    reportSent(this.uniqueName, header, signature, bytes.length);
    this.#counters.messagesOut++;
    this.#counters.bytesOut += bytes.length;
    this.#transport.write(bytes, descriptors);
    this.#encoder.onQueued();
  }

  /** Closes the transport because of an error in a received message. */
  fail(error: unknown): void {
    if (this.#failure === undefined) this.#dropMalformed(this.#transport, errorOf(error));
  }

  /** Sends all queued messages and closes for good. Repeated calls have no effect. */
  async close(): Promise<void> {
    if (!this.#abort.signal.aborted) {
      this.#abort.abort();
      const wasUp = this.#failure === undefined;
      const hasEnded = !wasUp && this.#reconnect === undefined;
      this.#failure = new DisconnectedError("the connection was closed by this side");
      if (!hasEnded) {
        this.#receiver.onDown(this.#failure, "closed");
        reportConnection({ state: "closed", connection: this.uniqueName });
      }
      if (wasUp) this.#transport.close();
      void this.#transportClosed.then(() => this.#closed.resolve(undefined));
    }
    await this.closed;
  }

  /** Makes a transport the current one and begins to receive from it. */
  #start(transport: Transport): void {
    const deframer = new Deframer(transport);
    const closed = deferred<void>();
    this.#transport = transport;
    this.#transportClosed = closed.promise;
    transport.start({
      onBytes: (chunk, descriptors) => this.#receive(transport, deframer, chunk, descriptors),
      onClose: (error) => {
        const reason =
          error === undefined ? "the bus closed the connection" : `the connection to the bus is lost: ${error.message}`;
        this.#lose(transport, reason, error);
        deframer.closeDescriptors();
        closed.resolve();
      },
    });
  }

  #receive(transport: Transport, deframer: Deframer, chunk: Uint8Array, descriptors?: readonly number[]): void {
    if (!this.#isUp(transport)) {
      closeDescriptors(descriptors ?? []);
      return;
    }
    this.#counters.bytesIn += chunk.length;
    try {
      deframer.append(chunk, descriptors);
      for (let message = deframer.nextMessage(); message !== undefined; message = deframer.nextMessage()) {
        this.#counters.messagesIn++;
        reportReceived(transport.uniqueName, message);
        this.#receiver.onMessage(message);
        if (!this.#isUp(transport)) return;
      }
    } catch (error) {
      this.#dropMalformed(transport, errorOf(error));
    }
  }

  #dropMalformed(transport: Transport, cause: Error): void {
    const isMalformed = cause instanceof MalformedMessageError;
    this.#drop(transport, isMalformed ? `the bus sent a malformed message: ${cause.message}` : cause.message, cause);
  }

  #isUp(transport: Transport): boolean {
    return this.#failure === undefined && this.#transport === transport;
  }

  /** Closes a transport because of an error. */
  #drop(transport: Transport, reason: string, cause: Error): void {
    this.#lose(transport, reason, cause);
    transport.destroy();
  }

  #lose(transport: Transport, message: string, cause: Error | undefined): void {
    if (!this.#isUp(transport)) return;
    const reason = new DisconnectedError(message, cause && { cause });
    this.#failure = reason;
    this.#receiver.onDown(reason, this.#reconnect === undefined ? "ended" : "reconnecting");
    if (this.#isReconnecting) return;
    reportConnection({ state: "disconnected", connection: this.uniqueName, reason });
    if (this.#reconnect === undefined) {
      void this.#transportClosed.then(() => this.#closed.resolve(reason));
      return;
    }
    this.#isReconnecting = true;
    this.#delays?.onLost(performance.now() - this.#upSince);
    this.#reconnect.onConnection({ state: "disconnected", reason });
    void this.#reconnectWithBackoff(this.#reconnect);
  }

  async #reconnectWithBackoff(reconnect: Reconnect): Promise<void> {
    const { signal } = this.#abort;
    for (let failures = 0; !signal.aborted; failures++) {
      const error = await this.#attempt(reconnect);
      if (signal.aborted) return;
      if (error === undefined) break;
      reportConnection({ state: "retrying", connection: this.uniqueName, reason: error, attempts: failures + 1 });
    }
    this.#isReconnecting = false;
    this.#upSince = performance.now();
    this.#counters.reconnects++;
    reportConnection({ state: "reconnected", connection: this.uniqueName });
    reconnect.onConnection({ state: "reconnected", uniqueName: this.uniqueName });
  }

  /** Waits, then tries once to connect and to restore all registrations. Returns the error if that fails. */
  async #attempt(reconnect: Reconnect): Promise<Error | undefined> {
    const { signal } = this.#abort;
    try {
      await sleep(this.#delays?.next(), undefined, { signal });
      const transport = await reconnect.dial(signal);
      if (signal.aborted) {
        transport.destroy();
        return undefined;
      }
      this.#failure = undefined;
      this.#start(transport);
      await this.#receiver.restore();
      return this.#failure;
    } catch (error) {
      const cause = errorOf(error);
      // Registrations must be restored completely or not at all.
      if (this.#failure === undefined)
        this.#drop(this.#transport, `the bus refuses to go on as before: ${cause.message}`, cause);
      return cause;
    }
  }
}
