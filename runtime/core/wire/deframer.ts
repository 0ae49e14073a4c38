import { closeAll, Descriptors } from "./descriptors.ts";
import { decodeAt, type Message, messageLength } from "./message.ts";

const NOTHING = Buffer.alloc(0);
/** Memory for small messages, and most that comes at once. */
const SLAB_LENGTH = 1 << 16;
/** Memory for large messages that still holds several of them. */
const LARGE_SLAB_LENGTH = 1 << 20;

/** Bytes that do not make a message yet. */
export interface Rest {
  readonly bytes: Uint8Array;
  readonly descriptors: readonly number[] | undefined;
}

/** File descriptors that came with bytes, counted from the beginning of the stream. One message starts there that owns them. */
interface Batch {
  readonly from: number;
  readonly to: number;
  readonly descriptors: readonly number[];
}

/**
 * Cuts a stream of bytes into messages. What comes is copied, so its memory may be used again at once: all of
 * it once, into memory that several messages share, and what of a message is there when that memory is full once more.
 */
export class Deframer {
  /** Holds what is not cut yet, from `#start` to `#end`. */
  #memory: Buffer = NOTHING;
  #start = 0;
  #end = 0;
  /** Where in the stream the memory begins. */
  #origin = 0;
  #batches: Batch[] = [];

  /**
   * Takes the next bytes and yields the messages they complete.
   *
   * @throws MalformedMessageError when the bytes are no message; the stream cannot be read on then.
   */
  *feed(chunk: Uint8Array, descriptors?: readonly number[]): Generator<Message, void, undefined> {
    this.push(chunk, descriptors);
    for (let message = this.next(); message !== undefined; message = this.next()) yield message;
  }

  /**
   * Takes the next bytes; `next` gives the messages they complete.
   *
   * @param descriptors - What came with a message that starts among them.
   */
  push(chunk: Uint8Array, descriptors?: readonly number[]): void {
    if (this.#end + chunk.length > this.#memory.length) this.#makeRoom(chunk.length);
    this.#memory.set(chunk, this.#end);
    this.#end += chunk.length;
    if (descriptors === undefined) return;
    const to = this.#origin + this.#end;
    this.#batches.push({ from: to - chunk.length, to, descriptors });
  }

  /**
   * The next message that is there as a whole.
   *
   * @throws MalformedMessageError when the bytes are no message; the stream cannot be read on then.
   */
  next(): Message | undefined {
    const length = messageLength(this.#memory, this.#start, this.#end);
    if (length === undefined || length > this.#end - this.#start) return undefined;
    const start = this.#start;
    this.#start += length;
    const message = decodeAt(this.#memory, start, length);
    if (this.#batches.length > 0) message.descriptors = this.#descriptorsOf(this.#origin + start, message.unixFds);
    return message;
  }

  /** Gives away the bytes that do not make a message yet, and the file descriptors that came with the last of them. */
  takeRest(): Rest {
    const bytes = this.#memory.subarray(this.#start, this.#end);
    this.#start = this.#end;
    const descriptors = this.#batches.pop()?.descriptors;
    this.close();
    return { bytes, descriptors };
  }

  /** Closes the file descriptors of messages that are not there as a whole. */
  close(): void {
    for (const { descriptors } of this.#batches) closeAll(descriptors);
    this.#batches = [];
  }

  /** What came with a message; undefined where it is not all, as when this process may not have more open. */
  #descriptorsOf(at: number, count: number | undefined): Descriptors | undefined {
    for (let batch = this.#batches[0]; batch !== undefined && batch.to <= at; batch = this.#batches[0]) {
      closeAll(batch.descriptors);
      this.#batches.shift();
    }
    const [batch] = this.#batches;
    if (batch === undefined || batch.from > at || batch.descriptors.length !== count) return undefined;
    this.#batches.shift();
    return new Descriptors(batch.descriptors);
  }

  /** Goes on in other memory; what is in the one before belongs to its messages. */
  #makeRoom(length: number): void {
    const waiting = this.#end - this.#start;
    // A message that began knows how much is to come. A length that is not allowed throws in `next`, before it is used.
    const expected = waiting < SLAB_LENGTH / 4 ? 0 : (messageLength(this.#memory, this.#start, this.#end) ?? 0);
    const several = Math.min(expected * 8, LARGE_SLAB_LENGTH);
    const memory = Buffer.allocUnsafeSlow(Math.max(SLAB_LENGTH, several, expected + SLAB_LENGTH, waiting + length));
    this.#memory.copy(memory, 0, this.#start, this.#end);
    this.#memory = memory;
    this.#origin += this.#start;
    this.#start = 0;
    this.#end = waiting;
  }
}
