import { setTimeout as sleep } from "node:timers/promises";
import type { ConnectionHook } from "../hooks.ts";
import { DisconnectedError } from "../standard-errors.ts";
import type { Message } from "../wire/message.ts";
import { type Backoff, delayAfter } from "./backoff.ts";
import type { BusCounters } from "./counters.ts";
import { reportConnection } from "./diagnostics.ts";
import { Link } from "./link.ts";
import type { Transport } from "./transport.ts";

/** How a lost connection is made again. */
export interface Reconnect extends Backoff {
  /** Makes another transport; gives up when the signal aborts. */
  readonly open: (signal: AbortSignal) => Promise<Transport>;
  /** Is told when the connection is lost and when it is back. Must not throw. */
  readonly onConnection: ConnectionHook;
}

/** What follows when nothing can be sent any more. */
export type Aftermath = "reconnecting" | "ended" | "closed";

/** What a connection calls. */
export interface ConnectionHandlers {
  /** Takes a message. What it throws ends the transport. */
  onMessage(message: Message): void;
  /** Nothing can be sent any more: for now, or for good, by itself or closed by this side. Must not throw. */
  onDown(reason: DisconnectedError, aftermath: Aftermath): void;
  /** Sets up on another transport what was set up on the one before; rejects when that cannot be done. */
  restore(): Promise<unknown>;
}

/** A connection that outlives its transports, where it is told how to make another. */
export class Connection {
  /** Resolves at the final end: with the fault, or undefined after `close()`. Never rejects. */
  readonly closed: Promise<Error | undefined>;
  readonly #handlers: ConnectionHandlers;
  readonly #tally: BusCounters;
  readonly #reconnect: Reconnect | undefined;
  readonly #abort = new AbortController();
  #resolveClosed: (fault: Error | undefined) => void = () => undefined;
  #link: Link;
  #failure: DisconnectedError | undefined;
  #reconnecting = false;

  /** @param transport - Past authentication and Hello; not started yet. */
  constructor(transport: Transport, handlers: ConnectionHandlers, tally: BusCounters, reconnect?: Reconnect) {
    this.#handlers = handlers;
    this.#tally = tally;
    this.#reconnect = reconnect;
    this.#link = this.#linkOver(transport);
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
  }

  /** Own unique name; while there is no transport, that of the last one. */
  get uniqueName(): string {
    return this.#link.uniqueName;
  }

  /** Why nothing can be sent now. */
  get failure(): DisconnectedError | undefined {
    return this.#failure;
  }

  /** How many bytes were written and the kernel has not taken yet. */
  get queued(): number {
    return this.#link.queued;
  }

  /** How many file descriptors a message can bring along. */
  get maxDescriptors(): number {
    return this.#link.maxDescriptors;
  }

  /** Resolves when the kernel has taken what was written, or the transport is closed. Never rejects. */
  drained(): Promise<void> {
    return this.#link.drained();
  }

  /** Begins to deliver messages. Called once. */
  start(): void {
    reportConnection({ state: "connected", connection: this.uniqueName });
    this.#link.start();
  }

  /** Queues a message; where nothing can be sent it is dropped. */
  write(bytes: Uint8Array, descriptors?: readonly number[]): void {
    this.#link.write(bytes, descriptors);
  }

  /** Sends what is queued and closes for good; closing again does nothing. */
  async close(): Promise<void> {
    if (!this.#abort.signal.aborted) {
      this.#abort.abort();
      const wasUp = this.#failure === undefined;
      const ended = !wasUp && this.#reconnect === undefined;
      this.#failure = new DisconnectedError("the connection was closed by this side");
      if (!ended) {
        this.#handlers.onDown(this.#failure, "closed");
        reportConnection({ state: "closed", connection: this.uniqueName });
      }
      if (wasUp) this.#link.close();
      void this.#link.closed.then(() => this.#resolveClosed(undefined));
    }
    await this.closed;
  }

  #linkOver(transport: Transport): Link {
    return new Link(transport, this.#tally, {
      onMessage: (message) => this.#handlers.onMessage(message),
      onLost: (reason) => this.#lost(reason),
    });
  }

  #lost(reason: DisconnectedError): void {
    this.#failure = reason;
    this.#handlers.onDown(reason, this.#reconnect === undefined ? "ended" : "reconnecting");
    if (this.#reconnecting) return;
    reportConnection({ state: "disconnected", connection: this.uniqueName, reason });
    if (this.#reconnect === undefined) {
      void this.#link.closed.then(() => this.#resolveClosed(reason));
      return;
    }
    this.#reconnecting = true;
    this.#reconnect.onConnection({ state: "disconnected", reason });
    void this.#comeBack(this.#reconnect);
  }

  async #comeBack(reconnect: Reconnect): Promise<void> {
    const { signal } = this.#abort;
    for (let failures = 0; !signal.aborted; failures++) {
      const fault = await this.#attempt(reconnect, failures);
      if (signal.aborted) return;
      if (fault === undefined) break;
      reportConnection({ state: "retrying", connection: this.uniqueName, reason: fault, attempts: failures + 1 });
    }
    this.#reconnecting = false;
    this.#tally.reconnects++;
    reportConnection({ state: "reconnected", connection: this.uniqueName });
    reconnect.onConnection({ state: "reconnected", uniqueName: this.uniqueName });
  }

  /** Waits, and tries once to be connected and set up as before; gives why it is not. */
  async #attempt(reconnect: Reconnect, failures: number): Promise<Error | undefined> {
    const { signal } = this.#abort;
    try {
      await sleep(delayAfter(failures, reconnect), undefined, { signal });
      const transport = await reconnect.open(signal);
      if (signal.aborted) {
        transport.destroy();
        return undefined;
      }
      this.#failure = undefined;
      this.#link = this.#linkOver(transport);
      this.#link.start();
      await this.#handlers.restore();
      return this.#failure;
    } catch (error) {
      const fault = error instanceof Error ? error : new Error(String(error));
      // A bus that refuses what it allowed before is no better than none: half of it must not stay behind.
      if (this.#failure === undefined) this.#link.fail(`the bus refuses to go on as before: ${fault.message}`, fault);
      return fault;
    }
  }
}
