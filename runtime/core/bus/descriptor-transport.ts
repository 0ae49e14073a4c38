import type { Remainder } from "../wire/deframer.ts";
import type { DescriptorSocket } from "./descriptor-socket.ts";
import { AdjacentBytes } from "./send-queue.ts";
import type { Transport, TransportReceiver } from "./transport.ts";

/** Longest time for sending queued bytes after `close()`, in milliseconds. */
const FLUSH_TIMEOUT_MS = 1000;
/** Queued bytes that are written before the tick ends. */
const FLUSH_THRESHOLD_BYTES = 1 << 18;

interface QueuedPart {
  readonly part: AdjacentBytes;
  /** File descriptors of the message that this part contains. */
  readonly descriptors: readonly number[] | undefined;
}

/** A transport whose messages can carry file descriptors. `remainder` is the beginning of later messages. */
export class DescriptorTransport implements Transport {
  readonly uniqueName: string;
  readonly lastSerial: number;
  readonly maxDescriptors: number;
  readonly mayLoseDescriptors: boolean;
  readonly #socket: DescriptorSocket;
  readonly #remainder: Remainder;
  #receiver: TransportReceiver | undefined;
  #parts: QueuedPart[] = [];
  #queued = 0;
  #drained: (() => void)[] = [];
  /** Whether the kernel takes no more bytes for now. */
  #isFull = false;
  #ended = false;

  constructor(
    socket: DescriptorSocket,
    uniqueName: string,
    lastSerial: number,
    remainder: Remainder,
    maxDescriptors: number,
  ) {
    this.maxDescriptors = maxDescriptors;
    this.mayLoseDescriptors = maxDescriptors > 0;
    this.#socket = socket;
    this.uniqueName = uniqueName;
    this.lastSerial = lastSerial;
    this.#remainder = remainder;
  }

  get queued(): number {
    return this.#queued;
  }

  drained(): Promise<void> {
    if (this.#queued === 0) return Promise.resolve();
    return new Promise((resolve) => this.#drained.push(resolve));
  }

  start(receiver: TransportReceiver): void {
    this.#receiver = receiver;
    const { bytes, descriptors } = this.#remainder;
    if (bytes.length > 0) receiver.onBytes(bytes, descriptors);
    if (this.#ended) return;
    this.#socket.start({
      onBytes: (chunk, received) => receiver.onBytes(chunk, received),
      onWritable: () => this.#flush(),
      onEnd: (error) => this.#end(error),
    });
  }

  /** Queues bytes. A message with descriptors is written at once, because the sender may close them soon. */
  write(bytes: Uint8Array, descriptors?: readonly number[]): void {
    if (this.#ended) return;
    if (this.#parts.length === 0 && descriptors === undefined) process.nextTick(() => this.#flush());
    this.#add(bytes, descriptors);
    this.#queued += bytes.length;
    if (!this.#isFull && (descriptors !== undefined || this.#queued >= FLUSH_THRESHOLD_BYTES)) this.#flush();
  }

  close(): void {
    const timer = setTimeout(() => this.destroy(), FLUSH_TIMEOUT_MS);
    timer.unref();
    this.#flush();
    void this.drained().then(() => {
      clearTimeout(timer);
      this.destroy();
    });
  }

  destroy(): void {
    this.#socket.close();
    setImmediate(() => this.#end(undefined));
  }

  #flush(): void {
    this.#isFull = false;
    try {
      while (this.#parts.length > 0 && !this.#isFull) this.#writeFirst();
    } catch (error) {
      this.#socket.close();
      this.#end(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    if (this.#queued === 0) this.#settle();
  }

  #add(bytes: Uint8Array, descriptors: readonly number[] | undefined): void {
    const last = this.#parts.at(-1);
    const isPlain = descriptors === undefined && last !== undefined && last.descriptors === undefined;
    if (!isPlain || !last.part.tryAppend(bytes)) this.#parts.push({ part: new AdjacentBytes(bytes), descriptors });
  }

  #writeFirst(): void {
    const first = this.#parts.shift();
    if (first === undefined) return;
    const { bytes } = first.part;
    const written = this.#write(bytes, first.descriptors);
    this.#queued -= written;
    if (written === bytes.length) return;
    this.#isFull = true;
    const descriptors = written === 0 ? first.descriptors : undefined;
    this.#parts.unshift({ part: new AdjacentBytes(bytes.subarray(written)), descriptors });
  }

  /** Writes as many bytes as the kernel takes. A message whose descriptors are already closed is dropped. */
  #write(bytes: Uint8Array, descriptors: readonly number[] | undefined): number {
    try {
      return this.#socket.write(bytes, descriptors);
    } catch (error) {
      if (descriptors === undefined || !isBadDescriptor(error)) throw error;
      return bytes.length;
    }
  }

  #end(error: Error | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#parts = [];
    this.#queued = 0;
    this.#settle();
    this.#receiver?.onClose(error);
  }

  #settle(): void {
    for (const resolve of this.#drained.splice(0)) resolve();
  }
}

function isBadDescriptor(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EBADF";
}
