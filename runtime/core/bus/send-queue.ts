import { writeSync } from "node:fs";
import type { Socket } from "node:net";

/**
 * Number of queued bytes at which the bytes are written before the end of the tick. The bus can then read them while
 * further messages are encoded.
 */
const FLUSH_THRESHOLD_BYTES = 1 << 15;

/** The used part of Node's handle of a socket: its file descriptor, which is negative after the socket is closed. */
export interface SocketHandle {
  readonly fd?: unknown;
}

/**
 * Bytes that wait to be written to a socket. Bytes of one tick are written together with one system call, which takes a
 * fraction of the time of a write to the stream. If the kernel has not taken earlier bytes yet, the bytes are written
 * to the stream.
 */
export class SendQueue {
  readonly #socket: Socket;
  #parts: AdjacentBytes[] = [];
  #waiting = 0;
  #drained: (() => void)[] = [];
  readonly #handle: SocketHandle | undefined;
  readonly #onWritten = (): void => this.#settle();
  readonly #onTick = (): void => this.flush();

  /** @param handle - Node's handle of the socket. Without handle or descriptor, all bytes are written to the stream. */
  constructor(socket: Socket, handle?: SocketHandle) {
    this.#socket = socket;
    this.#handle = handle;
    socket.once("close", () => this.#settle());
  }

  /** Number of bytes that the kernel has not taken yet. */
  get length(): number {
    return this.#waiting + this.#socket.writableLength;
  }

  /** Resolves when the kernel has taken all bytes, or the socket is closed. Never rejects. */
  drained(): Promise<void> {
    if (this.#isDrained()) return Promise.resolve();
    return new Promise((resolve) => this.#drained.push(resolve));
  }

  /** Queues bytes, to be written at the end of the tick. They must not change until `length` is 0. */
  add(bytes: Uint8Array): void {
    if (this.#waiting === 0) process.nextTick(this.#onTick);
    this.#waiting += bytes.length;
    if (this.#parts.at(-1)?.tryAppend(bytes) !== true) this.#parts.push(new AdjacentBytes(bytes));
    if (this.#waiting >= FLUSH_THRESHOLD_BYTES) this.flush();
  }

  /** Writes all queued bytes. */
  flush(): void {
    const parts = this.#parts;
    if (parts.length === 0) return;
    this.#parts = [];
    this.#waiting = 0;
    if (!this.#socket.writable) {
      this.#settle();
      return;
    }
    this.#socket.cork();
    for (const { bytes } of parts) {
      const written = this.#writeNow(bytes);
      if (written < bytes.length) this.#socket.write(bytes.subarray(written), this.#onWritten);
    }
    this.#socket.uncork();
    this.#settle();
  }

  /**
   * Writes bytes with a system call. Returns how many bytes the kernel has taken; the caller must write the others to
   * the stream.
   */
  #writeNow(bytes: Uint8Array): number {
    const fd = Number(this.#handle?.fd);
    if (!(fd >= 0) || this.#socket.writableLength > 0) return 0;
    try {
      return writeSync(fd, bytes);
    } catch {
      // The kernel takes nothing now, or the stream reports the error.
      return 0;
    }
  }

  #isDrained(): boolean {
    return this.#socket.destroyed || this.length === 0;
  }

  #settle(): void {
    if (this.#drained.length === 0 || !this.#isDrained()) return;
    for (const resolve of this.#drained.splice(0)) resolve();
  }
}

/** The bytes of messages that are adjacent in memory. They can be written together. */
export class AdjacentBytes {
  readonly #memory: ArrayBufferLike;
  readonly #start: number;
  #end: number;

  constructor({ buffer, byteOffset, length }: Uint8Array) {
    this.#memory = buffer;
    this.#start = byteOffset;
    this.#end = byteOffset + length;
  }

  get bytes(): Uint8Array {
    return new Uint8Array(this.#memory, this.#start, this.#end - this.#start);
  }

  /** Adds bytes if they follow directly in the same memory. Otherwise returns false. */
  tryAppend({ buffer, byteOffset, length }: Uint8Array): boolean {
    if (buffer !== this.#memory || byteOffset !== this.#end) return false;
    this.#end += length;
    return true;
  }
}
