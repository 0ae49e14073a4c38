import { closeDescriptors, Descriptors } from "./descriptors.ts";
import { MalformedMessageError } from "./errors.ts";
import { decodeMessageAt, type Message, messageLength, type ReceivedMessage } from "./message.ts";

const NO_BYTES = Buffer.alloc(0);
/** Bytes of memory for small messages, and the most bytes that arrive at once. */
const SLAB_LENGTH = 1 << 16;
/** Most bytes of memory for several large messages. */
const LARGE_SLAB_LENGTH = 1 << 20;
/** Most bytes of memory that is reused: for refused messages, new memory would wait to be collected. */
const MAX_REUSED_LENGTH = 1 << 23;

/** Properties of the connection that messages arrive on. */
export interface MessageSource {
  /**
   * Whether file descriptors that a message states may be missing, because the kernel drops them. Otherwise such a message
   * is malformed, unless it is known that descriptors were lost.
   */
  readonly mayLoseDescriptors?: boolean;
  /** Sender of all messages, whatever they state. */
  readonly peerName?: string;
}

/**
 * File descriptors that arrived with a range of bytes of the stream. They belong to the one message that starts there. None
 * if descriptors of any message that starts there may be lost.
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
   * @param descriptors - File descriptors of a message that starts in these bytes; none if some may be lost.
   */
  append(chunk: Uint8Array, descriptors?: readonly number[]): void {
    // Writing to the same memory repeatedly is fast, because it stays in the caches of the processor.
    if (this.#start === this.#end && this.#usedEnd < this.#start) this.#moveTo(this.#memory, this.#usedEnd);
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
    if (this.#last?.isReleased === false) this.#usedEnd = this.#start;
    this.#last = undefined;
    // A connection without traffic would keep a large message in memory.
    const maxKept = this.#usedEnd < this.#start ? MAX_REUSED_LENGTH : LARGE_SLAB_LENGTH;
    if (this.#memory.length > maxKept && this.#start === this.#end) this.#moveTo(NO_BYTES);
    const length = messageLength(this.#memory, this.#start, this.#end);
    if (length === undefined || length > this.#end - this.#start) {
      // Nothing else can belong to a message. A peer could send any number of descriptors inside a message.
      if (this.#batches.length > 0) this.closeDescriptors(this.#origin + this.#start);
      return undefined;
    }
    const start = this.#start;
    this.#start += length;
    const message = decodeMessageAt(this.#memory, start, length);
    this.#last = message;
    const { peerName } = this.#source;
    if (peerName !== undefined) message.sender = peerName;
    if (message.unixFds) message.descriptors = this.#descriptorsOf(this.#origin + start, message.unixFds);
    return message;
  }

  /** Removes and returns the bytes that are not a complete message yet. */
  takeRemainder(): Uint8Array {
    const bytes = this.#memory.subarray(this.#start, this.#end);
    this.#start = this.#end;
    this.#usedEnd = this.#end;
    return bytes;
  }

  /**
   * Closes the file descriptors that have arrived, except those of the incomplete message.
   *
   * @param start - Offset of that message in the stream; absent if it will not be completed.
   */
  closeDescriptors(start = -1): void {
    this.#batches = this.#batches.filter((batch) => isAround(batch, start) || closeDescriptors(batch.descriptors));
  }

  /**
   * Returns the descriptors of a message; undefined if some are lost.
   *
   * @throws MalformedMessageError if others arrived than the message states.
   */
  #descriptorsOf(start: number, count: number): Descriptors | undefined {
    const around = this.#batches.filter((batch) => isAround(batch, start));
    const own = around.find(({ descriptors }) => descriptors.length === count);
    if (own !== undefined) {
      this.#batches.splice(this.#batches.indexOf(own), 1);
      return new Descriptors(own.descriptors);
    }
    const isLost = around.some(({ descriptors }) => descriptors.length === 0);
    if (isLost || this.#source.mayLoseDescriptors) return undefined;
    throw new MalformedMessageError("a message lacks its file descriptors");
  }

  /** Makes room for a number of bytes and the rest of their message: in free memory, or in new memory. */
  #makeRoom(length: number): void {
    const waiting = this.#end - this.#start;
    // The beginning of a message states its length. `nextMessage` throws for a length that is not allowed.
    const expected = waiting < SLAB_LENGTH / 4 ? 0 : (messageLength(this.#memory, this.#start, this.#end) ?? 0);
    const needed = Math.max(expected, waiting + length);
    if (this.#usedEnd < this.#start && this.#usedEnd + needed <= this.#memory.length) {
      this.#moveTo(this.#memory, this.#usedEnd);
      return;
    }
    const several = Math.min(expected * 8, LARGE_SLAB_LENGTH);
    // The previous memory belongs to the messages in it.
    this.#moveTo(Buffer.allocUnsafeSlow(Math.max(several, expected + SLAB_LENGTH, needed)));
  }

  /** Moves the bytes that are not split yet to an offset in memory, the same or another, and continues there. */
  #moveTo(memory: Buffer, offset = 0): void {
    this.#memory.copy(memory, offset, this.#start, this.#end);
    this.#memory = memory;
    this.#origin += this.#start - offset;
    this.#end += offset - this.#start;
    this.#start = offset;
    this.#usedEnd = offset;
  }
}

function isAround({ from, to }: Batch, start: number): boolean {
  return from <= start && start < to;
}
