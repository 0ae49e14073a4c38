import { errorOf } from "../errors.ts";
import { closeDescriptors } from "../wire/descriptors.ts";
import type { DescriptorCalls } from "./descriptor-calls.ts";
import type { SendQueue } from "./send-queue.ts";

/**
 * Delay before a message with descriptors is written a second time, if the kernel took none of its bytes. In
 * milliseconds.
 */
const RETRY_MS = 10;

interface WaitingMessage {
  readonly bytes: Uint8Array;
  /** Duplicates of the descriptors of the message, because the sender may close its own at any time. */
  readonly descriptors: readonly number[] | undefined;
}

/**
 * Messages that wait to be written to a socket, some of them with file descriptors. A message with descriptors is
 * written at once if the kernel has taken all earlier bytes. Otherwise it waits with duplicates of its descriptors, and
 * all later messages wait, too.
 */
export class DescriptorQueue {
  readonly #socket: number;
  readonly #calls: DescriptorCalls;
  readonly #plain: SendQueue;
  readonly #onError: (error: Error) => void;
  readonly #waiting: WaitingMessage[] = [];
  #waitingBytes = 0;
  #isClosed = false;
  #sent: (() => void)[] = [];

  /**
   * @param socket - File descriptor of the socket.
   * @param plain - Queue for messages without descriptors to the same socket.
   * @param onError - Called when a message cannot be written. The connection must then be closed.
   */
  constructor(socket: number, calls: DescriptorCalls, plain: SendQueue, onError: (error: Error) => void) {
    this.#socket = socket;
    this.#calls = calls;
    this.#plain = plain;
    this.#onError = onError;
  }

  /** Number of bytes that the kernel has not taken yet. */
  get length(): number {
    return this.#waitingBytes + this.#plain.length;
  }

  /** Resolves when the kernel has taken all bytes, or the queue is closed. Never rejects. */
  async drained(): Promise<void> {
    while (this.#waiting.length > 0) await new Promise<void>((resolve) => this.#sent.push(resolve));
    await this.#plain.drained();
  }

  /** Queues bytes. They must not change until `length` is 0. The descriptors may be closed as soon as this returns. */
  add(bytes: Uint8Array, descriptors: readonly number[] | undefined): void {
    if (this.#isClosed) return;
    this.#orFail(() => {
      if (this.#waiting.length === 0 && this.#tryToWrite(bytes, descriptors)) return;
      this.#waiting.push({ bytes, descriptors: descriptors?.map((open) => this.#calls.duplicate(open)) });
      this.#waitingBytes += bytes.length;
    });
  }

  /** Writes all bytes that do not wait for the kernel. */
  flush(): void {
    this.#plain.flush();
  }

  /** Drops everything that waits, and closes the duplicated descriptors. Called when the socket has closed. */
  close(): void {
    this.#isClosed = true;
    for (const { descriptors = [] } of this.#waiting.splice(0)) closeDescriptors(descriptors);
    this.#waitingBytes = 0;
    this.#settle();
  }

  /** Writes a message. Returns false if the kernel takes nothing now; the queue is then continued later. */
  #tryToWrite(bytes: Uint8Array, descriptors: readonly number[] | undefined): boolean {
    if (descriptors === undefined) {
      this.#plain.add(bytes);
      return true;
    }
    this.#plain.flush();
    if (this.#plain.length > 0) {
      void this.#plain.drained().then(() => this.#continue());
      return false;
    }
    const written = this.#calls.send(this.#socket, bytes, descriptors);
    if (written === 0) setTimeout(() => this.#continue(), RETRY_MS);
    else if (written < bytes.length) this.#plain.add(bytes.subarray(written));
    return written > 0;
  }

  #continue(): void {
    this.#orFail(() => {
      for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
        if (!this.#tryToWrite(first.bytes, first.descriptors)) return;
        this.#waiting.shift();
        this.#waitingBytes -= first.bytes.length;
        closeDescriptors(first.descriptors ?? []);
      }
      this.#settle();
    });
  }

  #orFail(write: () => void): void {
    try {
      write();
    } catch (error) {
      this.#onError(errorOf(error));
    }
  }

  #settle(): void {
    for (const resolve of this.#sent.splice(0)) resolve();
  }
}
