import type { Duplex } from "node:stream";
import { closeAll } from "../wire/descriptors.ts";
import { handleOf, type SocketHandle } from "./usocket.ts";

/** So many bytes are read before the process may do something else. */
const READ_AT_ONCE = 1 << 20;
/** So much goes to the kernel as a whole or not at all. */
const WHOLE = 1024;

/** What a socket calls. */
export interface DescriptorReceiver {
  /** Takes bytes, and the file descriptors of a message that starts there. */
  onBytes(bytes: Uint8Array, descriptors: readonly number[] | undefined): void;
  /** More can be written. */
  onWritable(): void;
  /** Called once: the other side has ended, or something is wrong. */
  onEnd(fault: Error | undefined): void;
}

/**
 * A connected socket of the package `usocket`, past its machinery of streams, which loses descriptors when the kernel
 * takes a part of what is written.
 */
export class DescriptorSocket {
  readonly #stream: Duplex;
  readonly #handle: SocketHandle;
  #receiver: DescriptorReceiver | undefined;
  #arrived: readonly number[] | undefined;
  #readNow = 0;
  #ended = false;

  /** Takes the stream over; nothing is read before `start`. */
  constructor(stream: Duplex, handle: SocketHandle) {
    this.#stream = stream;
    this.#handle = handle;
    handle.pause();
    stream.on("fds", (descriptors: readonly number[]) => {
      handle.fds = [];
      this.#arrived = descriptors;
    });
    // The socket hands what it reads to the stream by this method.
    stream.push = (bytes: Uint8Array | null) => this.#take(bytes);
    stream.on("error", (error) => this.#end(error));
    stream.on("close", () => this.#end(undefined));
  }

  /** Reads, for another receiver where there was one. */
  start(receiver: DescriptorReceiver): void {
    this.#receiver = receiver;
    if (!this.#ended) this.#handle.resume();
  }

  /** Reads no more until `start`. */
  stop(): void {
    this.#receiver = undefined;
    this.#pause();
  }

  /**
   * Writes what the kernel takes now.
   *
   * @param descriptors - They go with the first byte, if any is taken.
   * @returns How many bytes it took; where it did not take all, `onWritable` follows.
   * @throws Error when the kernel refuses.
   */
  write(bytes: Uint8Array, descriptors?: readonly number[]): number {
    if (this.#ended) return bytes.length;
    if (descriptors === undefined) return this.#write(bytes);
    // Of more than the kernel takes at once, the package would send the descriptors twice.
    const first = this.#write(bytes.subarray(0, WHOLE), descriptors);
    return first < WHOLE ? first : first + this.#write(bytes.subarray(WHOLE));
  }

  /** Closes it; nothing is called any more. */
  close(): void {
    if (this.#ended) return;
    this.#pause();
    this.#ended = true;
    // The package does not bear it in the midst of its events, nor that its memory goes before the loop has let go of it.
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

  #take(bytes: Uint8Array | null): boolean {
    const descriptors = this.#arrived;
    this.#arrived = undefined;
    if (this.#ended || this.#receiver === undefined) closeAll(descriptors ?? []);
    else if (bytes === null) this.#end(undefined);
    else this.#read(this.#receiver, bytes, descriptors);
    return true;
  }

  #read(receiver: DescriptorReceiver, bytes: Uint8Array, descriptors: readonly number[] | undefined): void {
    this.#readNow += bytes.length;
    if (this.#readNow >= READ_AT_ONCE) this.#rest();
    receiver.onBytes(bytes, descriptors);
  }

  /** The package reads as long as there is something: timers and other sockets must have their turn. */
  #rest(): void {
    this.#pause();
    setImmediate(() => {
      this.#readNow = 0;
      if (!this.#ended && this.#receiver !== undefined) this.#handle.resume();
    });
  }

  /** After an error the stream is without its handle, which is closed and must not be touched. */
  #pause(): void {
    if (!this.#ended && handleOf(this.#stream) !== undefined) this.#handle.pause();
  }

  #end(fault: Error | undefined): void {
    if (this.#ended) return;
    this.close();
    this.#receiver?.onEnd(fault);
  }
}
