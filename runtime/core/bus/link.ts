import { DisconnectedError } from "../standard-errors.ts";
import { Deframer } from "../wire/deframer.ts";
import { closeAll } from "../wire/descriptors.ts";
import { MalformedMessageError } from "../wire/errors.ts";
import type { Message } from "../wire/message.ts";
import type { BusCounters } from "./counters.ts";
import type { Transport } from "./transport.ts";

/** What a link calls. */
export interface LinkHandlers {
  /** Takes a message. What it throws ends the link. */
  onMessage(message: Message): void;
  /** Called once when the link ends, unless this side closed it. */
  onLost(reason: DisconnectedError): void;
}

/** One transport for as long as it lasts, cut into messages. */
export class Link {
  /** Resolves when the transport is closed. Never rejects. */
  readonly closed: Promise<void>;
  readonly #transport: Transport;
  readonly #handlers: LinkHandlers;
  readonly #tally: BusCounters;
  readonly #deframer = new Deframer();
  #resolveClosed: () => void = () => undefined;
  #ended = false;

  constructor(transport: Transport, tally: BusCounters, handlers: LinkHandlers) {
    this.#transport = transport;
    this.#tally = tally;
    this.#handlers = handlers;
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
  }

  get uniqueName(): string {
    return this.#transport.uniqueName;
  }

  /** Begins to deliver messages. Called once. */
  start(): void {
    this.#transport.start({
      onBytes: (chunk, descriptors) => this.#receive(chunk, descriptors),
      onClose: (fault) => {
        const reason =
          fault === undefined ? "the bus closed the connection" : `the connection to the bus is lost: ${fault.message}`;
        this.#lose(reason, fault);
        this.#deframer.close();
        this.#resolveClosed();
      },
    });
  }

  /** How many bytes were written and the kernel has not taken yet. */
  get queued(): number {
    return this.#transport.queued;
  }

  /** How many file descriptors a message can bring along. */
  get maxDescriptors(): number {
    return this.#transport.maxDescriptors;
  }

  /** Resolves when the kernel has taken what was written, or the transport is closed. Never rejects. */
  drained(): Promise<void> {
    return this.#transport.drained();
  }

  /** Queues a message; after the end it is dropped. */
  write(bytes: Uint8Array, descriptors?: readonly number[]): void {
    this.#tally.messagesOut++;
    this.#tally.bytesOut += bytes.length;
    this.#transport.write(bytes, descriptors);
  }

  /** Sends what is queued, then closes; nothing more is delivered. */
  close(): void {
    this.#ended = true;
    this.#transport.close();
  }

  /** Ends the link for a fault. */
  fail(reason: string, fault: Error): void {
    this.#lose(reason, fault);
    this.#transport.destroy();
  }

  #receive(chunk: Uint8Array, descriptors?: readonly number[]): void {
    if (this.#ended) {
      closeAll(descriptors ?? []);
      return;
    }
    this.#tally.bytesIn += chunk.length;
    try {
      this.#deframer.push(chunk, descriptors);
      for (let message = this.#deframer.next(); message !== undefined; message = this.#deframer.next()) {
        this.#tally.messagesIn++;
        this.#handlers.onMessage(message);
        if (this.#ended) return;
      }
    } catch (error) {
      const fault = error instanceof Error ? error : new Error(String(error));
      const malformed = fault instanceof MalformedMessageError;
      this.fail(malformed ? `the bus sent a malformed message: ${fault.message}` : fault.message, fault);
    }
  }

  #lose(reason: string, cause: Error | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#handlers.onLost(new DisconnectedError(reason, cause && { cause }));
  }
}
