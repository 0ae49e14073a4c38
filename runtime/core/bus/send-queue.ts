import type { Socket } from "node:net";

/** So many bytes are worth a write of their own before the tick ends. */
const ENOUGH = 1 << 18;

/** Bytes on their way into a socket: those of one tick leave together. */
export class SendQueue {
  readonly #socket: Socket;
  #parts: Part[] = [];
  #waiting = 0;
  #drained: (() => void)[] = [];
  readonly #onWritten = (): void => this.#settle();
  readonly #onTick = (): void => this.flush();

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.once("close", () => this.#settle());
  }

  /** How many bytes the kernel has not taken yet. */
  get length(): number {
    return this.#waiting + this.#socket.writableLength;
  }

  /** Resolves when the kernel has taken all bytes, or the socket is closed. Never rejects. */
  drained(): Promise<void> {
    if (this.#isDrained()) return Promise.resolve();
    return new Promise((resolve) => this.#drained.push(resolve));
  }

  /** Queues bytes, which must not change until `length` is 0 again, to be written at the end of the tick. */
  add(bytes: Uint8Array): void {
    if (this.#waiting === 0) process.nextTick(this.#onTick);
    this.#waiting += bytes.length;
    if (this.#parts.at(-1)?.take(bytes) !== true) this.#parts.push(new Part(bytes));
    if (this.#waiting >= ENOUGH) this.flush();
  }

  /** Writes what is queued now. */
  flush(): void {
    const parts = this.#parts;
    if (parts.length === 0) return;
    this.#parts = [];
    this.#waiting = 0;
    if (!this.#socket.writable) {
      this.#settle();
      return;
    }
    if (parts.length > 1) this.#socket.cork();
    for (const { bytes } of parts) this.#socket.write(bytes, this.#onWritten);
    if (parts.length > 1) this.#socket.uncork();
  }

  #isDrained(): boolean {
    return this.#socket.destroyed || this.length === 0;
  }

  #settle(): void {
    if (this.#drained.length === 0 || !this.#isDrained()) return;
    for (const resolve of this.#drained.splice(0)) resolve();
  }
}

/** Messages that adjoin in memory, so that they are written as one. */
export class Part {
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

  /** Takes bytes in; false where they do not adjoin. */
  take({ buffer, byteOffset, length }: Uint8Array): boolean {
    if (buffer !== this.#memory || byteOffset !== this.#end) return false;
    this.#end += length;
    return true;
  }
}
