import { type DisconnectedError, NoReplyError } from "../standard-errors.ts";
import { describe, InvalidValueError, MalformedMessageError } from "../wire/faults.ts";
import { MAX_SERIAL } from "../wire/limits.ts";
import type { Message } from "../wire/message.ts";

/** How long a call waits for its reply, in milliseconds, where nothing else is said. */
const DEFAULT_CALL_TIMEOUT = 25_000;
const LONGEST_TIMER = 2 ** 31 - 1;

/** How one call is made. */
export interface CallOptions {
  /** Milliseconds to wait for the reply: 25 000 by default, `Infinity` for no limit. Then the call fails with NoReplyError. */
  readonly timeout?: number;
  /** Gives up waiting: the call fails with the signal's reason, and a later reply is dropped. */
  readonly signal?: AbortSignal;
  /** Do not start the service where it is not running. */
  readonly noAutoStart?: boolean;
  /** The service may ask the user for authorization, which can take longer than the default timeout. */
  readonly interactiveAuthorization?: boolean;
}

/**
 * Reads a reply, or throws what the call fails with. It runs before any later message is looked at; MalformedMessageError
 * ends the connection.
 */
export type ReadReply<T> = (reply: Message) => T;

interface PendingCall {
  /** Whether a reply from this unique name counts. */
  readonly accepts: (sender: string | undefined) => boolean;
  readonly onReply: (reply: Message) => void;
  readonly fail: (reason: unknown) => void;
}

/** Calls that wait for their reply, and the serials they hold. */
export class PendingCalls {
  readonly #calls = new Map<number, PendingCall>();
  #serial: number;

  constructor(lastSerial: number) {
    this.#serial = lastSerial;
  }

  /** How many calls wait. */
  get size(): number {
    return this.#calls.size;
  }

  /** A serial that no waiting call holds; after the largest comes 1 again. */
  nextSerial(): number {
    do this.#serial = this.#serial >= MAX_SERIAL ? 1 : this.#serial + 1;
    while (this.#calls.has(this.#serial));
    return this.#serial;
  }

  /**
   * Waits for the reply to a call.
   *
   * @param what - How the call is named in the error when no reply comes.
   */
  wait<T>(
    serial: number,
    what: string,
    accepts: PendingCall["accepts"],
    options: CallOptions,
    read: ReadReply<T>,
  ): Promise<T> {
    const { timeout = DEFAULT_CALL_TIMEOUT, signal } = options;
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const finish = (): void => {
        this.#calls.delete(serial);
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
      };
      const fail = (reason: unknown): void => {
        finish();
        reject(reason);
      };
      const abort = (): void => fail(signal?.reason);
      const onReply = (reply: Message): void => {
        try {
          resolve(read(reply));
        } catch (error) {
          if (error instanceof MalformedMessageError) throw error;
          reject(error);
        }
        finish();
      };
      if (timeout <= LONGEST_TIMER) {
        timer = setTimeout(() => fail(new NoReplyError(`${what} had no reply within ${timeout} ms`)), timeout);
      }
      signal?.addEventListener("abort", abort, { once: true });
      this.#calls.set(serial, { accepts, onReply, fail });
    });
  }

  /** Hands a reply to the call it answers. Late replies, and those of somebody else than was called, are dropped. */
  settle(reply: Message): void {
    const call = reply.replySerial === undefined ? undefined : this.#calls.get(reply.replySerial);
    if (call?.accepts(reply.sender)) call.onReply(reply);
  }

  /** Fails every waiting call. */
  failAll(error: DisconnectedError): void {
    for (const call of [...this.#calls.values()]) call.fail(error);
  }
}

/** Throws the signal's reason when it has aborted already, and InvalidValueError for a timeout that is none. */
export function checkOptions({ timeout, signal }: CallOptions): void {
  signal?.throwIfAborted();
  if (timeout !== undefined && !(timeout >= 0)) {
    throw new InvalidValueError(`timeout: expected milliseconds from 0, got ${describe(timeout)}`);
  }
}
