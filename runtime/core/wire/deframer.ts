import { closeDescriptors, Descriptors } from "./descriptors.ts";
import { MalformedMessageError } from "./errors.ts";
import { decodeMessageAt, type Message, messageLength, type ReceivedMessage } from "./message.ts";

const NO_BYTES = Buffer.alloc(0);
/** Bytes of memory for small messages, and the most bytes that arrive at once. */
const SLAB_LENGTH = 1 << 16;
/** Most bytes of memory for several large messages. */
const LARGE_SLAB_LENGTH = 1 << 20;

/** Properties of the connection that messages arrive on. */
export interface MessageSource {
  /**
   * Whether file descriptors that a message states may be missing, because the kernel drops those that the process cannot
   * take. Otherwise such a message is malformed.
   */
  readonly mayLoseDescriptors?: boolean;
  /** Sender of all messages, whatever they state. */
  readonly peerName?: string;
}

/**
 * File descriptors that arrived with a range of bytes of the stream. They belong to the one message that starts there.
 */
interface Batch {
  readonly from: number;
  readonly to: number;
  readonly descriptors: readonly number[];
}

/**
 * Splits a stream of bytes into messages. Received bytes are copied, so the caller may reuse their memory. Several
 * messages share memory; when it is full, the beginning of an incomplete message is copied a second time. The memory of
 * messages that are released before the next message is taken is reused.
 */
export class Deframer {
  /** Holds the bytes that are not split yet, from `#start` to `#end`. */
  #memory: Buffer = NO_BYTES;
  #start = 0;
  #end = 0;
  /** End of the messages that are not released. The memory from here to `#start` is free. */
  #usedEnd = 0;
  /** The last message, until it is known whether it is released. */
  #last: ReceivedMessage | undefined;
  /** Offset in the stream at which the memory begins. */
  #origin = 0;
  #batches: Batch[] = [];
  readonly #source: MessageSource;

  constructor(source: MessageSource = {}) {
    this.#source = source;
  }

  /**
   * Takes the next bytes and yields the messages that they complete.
   *
   * @throws MalformedMessageError if the bytes are not a message; the rest of the stream is then unusable.
   */
  *split(chunk: Uint8Array, descriptors?: readonly number[]): Generator<Message, void, undefined> {
    this.append(chunk, descriptors);
    for (let message = this.nextMessage(); message !== undefined; message = this.nextMessage()) yield message;
  }

  /**
   * Takes the next bytes. `nextMessage` returns the messages that they complete.
   *
   * @param descriptors - File descriptors of a message that starts in these bytes.
   */
  append(chunk: Uint8Array, descriptors?: readonly number[]): void {
    // Writing to the same memory repeatedly is fast, because it stays in the caches of the processor.
    if (this.#start === this.#end && this.#usedEnd < this.#start) this.#closeGap();
    if (this.#end + chunk.length > this.#memory.length) this.#makeRoom(chunk.length);
    this.#memory.set(chunk, this.#end);
    this.#end += chunk.length;
    if (descriptors === undefined) return;
    const to = this.#origin + this.#end;
    this.#batches.push({ from: to - chunk.length, to, descriptors });
  }

  /**
   * Returns the next complete message, or undefined if none is complete.
   *
   * @throws MalformedMessageError if the bytes are not a message; the rest of the stream is then unusable.
   */
  nextMessage(): Message | undefined {
    if (this.#last !== undefined) {
      if (!this.#last.isReleased) this.#usedEnd = this.#start;
      this.#last = undefined;
    }
    const length = messageLength(this.#memory, this.#start, this.#end);
    if (length === undefined || length > this.#end - this.#start) return undefined;
    const start = this.#start;
    this.#start += length;
    const message = decodeMessageAt(this.#memory, start, length);
    this.#last = message;
    if (this.#batches.length > 0) message.descriptors = this.#descriptorsOf(this.#origin + start, message.unixFds);
    const { peerName } = this.#source;
    if (peerName !== undefined) message.sender = peerName;
    if (message.unixFds && !this.#source.mayLoseDescriptors && message.descriptors === undefined) {
      throw new MalformedMessageError("a message states file descriptors, and none arrived");
    }
    if (length > LARGE_SLAB_LENGTH && this.#start === this.#end) this.#releaseMemory();
    return message;
  }

  /** Removes and returns the bytes that are not a complete message yet. */
  takeRemainder(): Uint8Array {
    const bytes = this.#memory.subarray(this.#start, this.#end);
    this.#start = this.#end;
    this.#usedEnd = this.#end;
    return bytes;
  }

  /** Closes the file descriptors of incomplete messages. */
  closeDescriptors(): void {
    for (const { descriptors } of this.#batches) closeDescriptors(descriptors);
    this.#batches = [];
  }

  /**
   * Returns the descriptors of a message; undefined if some are missing because this process has too many open files.
   */
  #descriptorsOf(at: number, count: number | undefined): Descriptors | undefined {
    for (let batch = this.#batches[0]; batch !== undefined && batch.to <= at; batch = this.#batches[0]) {
      closeDescriptors(batch.descriptors);
      this.#batches.shift();
    }
    const [batch] = this.#batches;
    if (batch === undefined || batch.from > at || batch.descriptors.length !== count) return undefined;
    this.#batches.shift();
    return new Descriptors(batch.descriptors);
  }

  /** Leaves the memory to its messages, because a connection without traffic would keep a large message in memory. */
  #releaseMemory(): void {
    this.#origin += this.#start;
    this.#memory = NO_BYTES;
    this.#start = 0;
    this.#end = 0;
    this.#usedEnd = 0;
    this.#last = undefined;
  }

  /** Moves the bytes that are not split yet to the end of the messages in use. */
  #closeGap(): void {
    const gap = this.#start - this.#usedEnd;
    this.#memory.copyWithin(this.#usedEnd, this.#start, this.#end);
    this.#origin += gap;
    this.#start -= gap;
    this.#end -= gap;
  }

  /** Makes room for a number of bytes and the rest of their message: in free memory, or in new memory. */
  #makeRoom(length: number): void {
    const waiting = this.#end - this.#start;
    // The beginning of a message states its length. `nextMessage` throws for a length that is not allowed.
    const expected = waiting < SLAB_LENGTH / 4 ? 0 : (messageLength(this.#memory, this.#start, this.#end) ?? 0);
    if (this.#usedEnd < this.#start && this.#usedEnd + Math.max(expected, waiting + length) <= this.#memory.length) {
      this.#closeGap();
      return;
    }
    // The previous memory belongs to the messages in it.
    const several = Math.min(expected * 8, LARGE_SLAB_LENGTH);
    const memory = Buffer.allocUnsafeSlow(Math.max(SLAB_LENGTH, several, expected + SLAB_LENGTH, waiting + length));
    this.#memory.copy(memory, 0, this.#start, this.#end);
    this.#memory = memory;
    this.#origin += this.#start;
    this.#start = 0;
    this.#end = waiting;
    this.#usedEnd = 0;
  }
}
