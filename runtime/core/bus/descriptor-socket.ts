import type { Duplex } from "node:stream";
import { closeDescriptors } from "../wire/descriptors.ts";
import { handleOf, type SocketHandle } from "./usocket.ts";

/** Bytes that are read before other events of the process are handled. */
const MAX_READ_BYTES_PER_TURN = 1 << 20;
/** Bytes that the kernel takes completely or not at all. */
const ATOMIC_WRITE_BYTES = 1024;

/** Callbacks of a socket. */
export interface DescriptorReceiver {
  /** Takes bytes, and the file descriptors of a message that starts in them. */
  onBytes(bytes: Uint8Array, descriptors: readonly number[] | undefined): void;
  /** Called when more bytes can be written. */
  onWritable(): void;
  /** Called once when the other side has closed the connection, or with an error. */
  onEnd(error: Error | undefined): void;
}

/**
 * A connected socket of the package `usocket` that is used without its stream. The stream loses descriptors when the
 * kernel takes only part of a write.
 */
export class DescriptorSocket {
  readonly #stream: Duplex;
  readonly #handle: SocketHandle;
  #receiver: DescriptorReceiver | undefined;
  #receivedDescriptors: readonly number[] | undefined;
  #readBytesThisTurn = 0;
  #ended = false;

  /** Takes over the stream. Nothing is read before `start`. */
  constructor(stream: Duplex, handle: SocketHandle) {
    this.#stream = stream;
    this.#handle = handle;
    handle.pause();
    stream.on("fds", (descriptors: readonly number[]) => {
      handle.fds = [];
      this.#receivedDescriptors = descriptors;
    });
    // The native socket passes the bytes it reads to this method of the stream.
    stream.push = (bytes: Uint8Array | null) => this.#onRead(bytes);
    stream.on("error", (error) => this.#end(error));
    stream.on("close", () => this.#end(undefined));
  }

  /** Starts to read, and replaces the receiver. */
  start(receiver: DescriptorReceiver): void {
    this.#receiver = receiver;
    if (!this.#ended) this.#handle.resume();
  }

  /** Stops to read until `start`. */
  stop(): void {
    this.#receiver = undefined;
    this.#pause();
  }

  /**
   * Writes as many bytes as the kernel takes now.
   *
   * @param descriptors - File descriptors that are sent with the first byte.
   * @returns The number of written bytes. If it is not all, `onWritable` is called later.
   * @throws Error if the kernel rejects the write.
   */
  write(bytes: Uint8Array, descriptors?: readonly number[]): number {
    if (this.#ended) return bytes.length;
    if (descriptors === undefined) return this.#write(bytes);
    // If the kernel took only part of the bytes, the package would send the descriptors twice.
    const first = this.#write(bytes.subarray(0, ATOMIC_WRITE_BYTES), descriptors);
    return first < ATOMIC_WRITE_BYTES ? first : first + this.#write(bytes.subarray(ATOMIC_WRITE_BYTES));
  }

  /** Closes the socket. No callback is called afterwards. */
  close(): void {
    if (this.#ended) return;
    this.#pause();
    this.#ended = true;
    // The package crashes if it is closed inside its events, or if its memory is freed before the event loop releases
    // it.
    setImmediate(() => {
      this.#stream.destroy();
      setImmediate(() => this.#handle);
    });
  }

  #write(bytes: Uint8Array, descriptors?: readonly number[]): number {
    if (bytes.length === 0) return 0;
    const written = this.#handle.write(bytes, descriptors);
    if (typeof written !== "number") throw written;
    if (written < bytes.length) this.#handle.drain = () => this.#receiver?.onWritable();
    return written;
  }

  #onRead(bytes: Uint8Array | null): boolean {
    const descriptors = this.#receivedDescriptors;
    this.#receivedDescriptors = undefined;
    if (this.#ended || this.#receiver === undefined) closeDescriptors(descriptors ?? []);
    else if (bytes === null) this.#end(undefined);
    else this.#deliver(this.#receiver, bytes, descriptors);
    return true;
  }

  #deliver(receiver: DescriptorReceiver, bytes: Uint8Array, descriptors: readonly number[] | undefined): void {
    this.#readBytesThisTurn += bytes.length;
    if (this.#readBytesThisTurn >= MAX_READ_BYTES_PER_TURN) this.#yieldToEventLoop();
    receiver.onBytes(bytes, descriptors);
  }

  /** Pauses reading for one turn, because the package reads as long as there are bytes. */
  #yieldToEventLoop(): void {
    this.#pause();
    setImmediate(() => {
      this.#readBytesThisTurn = 0;
      if (!this.#ended && this.#receiver !== undefined) this.#handle.resume();
    });
  }

  /** Pauses reading. After an error the handle is closed and must not be used. */
  #pause(): void {
    if (!this.#ended && handleOf(this.#stream) !== undefined) this.#handle.pause();
  }

  #end(error: Error | undefined): void {
    if (this.#ended) return;
    this.close();
    this.#receiver?.onEnd(error);
  }
}
