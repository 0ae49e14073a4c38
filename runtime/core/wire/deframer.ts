import { closeDescriptors, Descriptors } from "./descriptors.ts";
import { MalformedMessageError } from "./errors.ts";
import { decodeMessageAt, type Message, messageLength, type ReceivedMessage } from "./message.ts";

const NO_BYTES = Buffer.alloc(0);
/** Bytes of memory that are allocated for small messages. Also the maximum number of bytes that arrive at once. */
const SLAB_LENGTH = 1 << 16;
/** Maximum number of bytes that are allocated for several large messages. */
const LARGE_SLAB_LENGTH = 1 << 20;
/**
 * Maximum size of memory that is reused after a message is released. Without reuse, the memory of refused messages
 * would wait to be collected.
 */
const MAX_REUSED_LENGTH = 1 << 23;

/** Properties of the connection on which messages arrive. */
export interface MessageSource {
  /**
   * Whether file descriptors that a message states may be missing, because the kernel drops them. If false, a message
   * with missing descriptors is malformed, unless it is known that descriptors were lost.
   */
  readonly mayLoseDescriptors?: boolean;
  /** Sender that all messages get, whatever sender they state. */
  readonly peerName?: string;
}

/**
 * File descriptors that arrived with a range of bytes of the stream. All belong to one message that starts in the
 * range. If descriptors were lost, the list is empty, and any message that starts in the range may lack descriptors.
 */
interface Batch {
  readonly from: number;
  readonly to: number;
  readonly descriptors: readonly number[];
}

/**
 * Splits a stream of bytes into messages. Received bytes are copied, so the caller may reuse their memory. Several
 * messages share a block of memory. When the block is full, the beginning of an incomplete message is copied to a new
 * block. The memory of a message is reused if the message is released before the next call of `nextMessage`.
 */
export class Deframer {
  /** Block of memory with the bytes that are not split yet, from `#start` to `#end`. */
  #memory: Buffer = NO_BYTES;
  #start = 0;
  #end = 0;
  /** End of the messages that are not released. The memory from this offset to `#start` can be reused. */
  #usedEnd = 0;
  /** The message that was returned last, if it is not known yet whether the message will be released. */
  #last: ReceivedMessage | undefined;
  /** Offset in the stream of the first byte of `#memory`. */
  #origin = 0;
  #batches: Batch[] = [];
  readonly #source: MessageSource;

  constructor(source: MessageSource = {}) {
    this.#source = source;
  }

  /**
   * Adds bytes, and yields the messages that are complete.
   *
   * @throws MalformedMessageError if the bytes are not a message. The rest of the stream is then unusable.
   */
  *split(chunk: Uint8Array, descriptors?: readonly number[]): Generator<Message, void, undefined> {
    this.append(chunk, descriptors);
    for (let message = this.nextMessage(); message !== undefined; message = this.nextMessage()) yield message;
  }

  /**
   * Adds bytes. After that, `nextMessage` returns the messages that are complete.
   *
   * @param descriptors - File descriptors of a message that starts in these bytes; empty if some may be lost.
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
   * Returns the next complete message; undefined if no message is complete.
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
      // Other descriptors belong to no message. They are closed, because a peer could send any number of them inside a
      // message.
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

  /** Removes and returns the bytes that are not part of a complete message. */
  takeRemainder(): Uint8Array {
    const bytes = this.#memory.subarray(this.#start, this.#end);
    this.#start = this.#end;
    this.#usedEnd = this.#end;
    return bytes;
  }

  /**
   * Closes the file descriptors that have arrived, except those of the incomplete message.
   *
   * @param start - Offset of the incomplete message in the stream; absent if the message will not be completed.
   */
  closeDescriptors(start = -1): void {
    this.#batches = this.#batches.filter((batch) => isAround(batch, start) || closeDescriptors(batch.descriptors));
  }

  /**
   * Returns the descriptors of a message; undefined if some were lost.
   *
   * @throws MalformedMessageError if a different number of descriptors has arrived than the message states.
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

  /** Makes room for additional bytes and for the rest of the incomplete message, in free memory or in a new block. */
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
    // The previous block of memory is kept by the messages in it.
    this.#moveTo(Buffer.allocUnsafeSlow(Math.max(several, expected + SLAB_LENGTH, needed)));
  }

  /**
   * Moves the bytes that are not split yet to an offset in a block of memory, which may be the present block, and uses
   * that block.
   */
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
