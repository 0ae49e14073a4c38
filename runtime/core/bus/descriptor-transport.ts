import type { Rest } from "../wire/deframer.ts";
import type { DescriptorSocket } from "./descriptor-socket.ts";
import { Part } from "./send-queue.ts";
import type { Transport, TransportReceiver } from "./transport.ts";

/** How long what is queued may take to leave when the connection is closed. */
const FLUSH_TIMEOUT = 1000;
/** So many bytes are worth a write of their own before the tick ends. */
const ENOUGH = 1 << 18;

interface Outgoing {
  readonly part: Part;
  /** They go with the message that the part is. */
  readonly descriptors: readonly number[] | undefined;
}

/** A transport whose messages bring file descriptors along; `rest` belongs to later messages. */
export class DescriptorTransport implements Transport {
  readonly uniqueName: string;
  readonly lastSerial: number;
  readonly maxDescriptors: number;
  readonly #socket: DescriptorSocket;
  readonly #rest: Rest;
  #receiver: TransportReceiver | undefined;
  #parts: Outgoing[] = [];
  #queued = 0;
  #drained: (() => void)[] = [];
  /** The kernel takes no more for now. */
  #full = false;
  #ended = false;

  constructor(socket: DescriptorSocket, uniqueName: string, lastSerial: number, rest: Rest, maxDescriptors: number) {
    this.maxDescriptors = maxDescriptors;
    this.#socket = socket;
    this.uniqueName = uniqueName;
    this.lastSerial = lastSerial;
    this.#rest = rest;
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
    const { bytes, descriptors } = this.#rest;
    if (bytes.length > 0) receiver.onBytes(bytes, descriptors);
    if (this.#ended) return;
    this.#socket.start({
      onBytes: (chunk, with_) => receiver.onBytes(chunk, with_),
      onWritable: () => this.#flush(),
      onEnd: (fault) => this.#end(fault),
    });
  }

  /** What brings descriptors along goes at once, with all before it: who sends them closes them soon. */
  write(bytes: Uint8Array, descriptors?: readonly number[]): void {
    if (this.#ended) return;
    if (this.#parts.length === 0 && descriptors === undefined) process.nextTick(() => this.#flush());
    this.#add(bytes, descriptors);
    this.#queued += bytes.length;
    if (!this.#full && (descriptors !== undefined || this.#queued >= ENOUGH)) this.#flush();
  }

  close(): void {
    const timer = setTimeout(() => this.destroy(), FLUSH_TIMEOUT);
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
    this.#full = false;
    try {
      while (this.#parts.length > 0 && !this.#full) this.#writeFirst();
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
    if (!isPlain || !last.part.take(bytes)) this.#parts.push({ part: new Part(bytes), descriptors });
  }

  #writeFirst(): void {
    const first = this.#parts.shift();
    if (first === undefined) return;
    const { bytes } = first.part;
    const written = this.#write(bytes, first.descriptors);
    this.#queued -= written;
    if (written === bytes.length) return;
    this.#full = true;
    const descriptors = written === 0 ? first.descriptors : undefined;
    this.#parts.unshift({ part: new Part(bytes.subarray(written)), descriptors });
  }

  /** Writes what the kernel takes; a message whose descriptors were closed before it took them is not sent. */
  #write(bytes: Uint8Array, descriptors: readonly number[] | undefined): number {
    try {
      return this.#socket.write(bytes, descriptors);
    } catch (error) {
      if (descriptors === undefined || !isBadDescriptor(error)) throw error;
      return bytes.length;
    }
  }

  #end(fault: Error | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#parts = [];
    this.#queued = 0;
    this.#settle();
    this.#receiver?.onClose(fault);
  }

  #settle(): void {
    for (const resolve of this.#drained.splice(0)) resolve();
  }
}

function isBadDescriptor(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EBADF";
}
