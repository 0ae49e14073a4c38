import { decodeAt, type Message, messageLength } from "./message.ts";

const NOTHING = Buffer.alloc(0);
/** Memory for small messages, and most that comes at once. */
const SLAB_LENGTH = 1 << 16;
/** Memory for large messages that still holds several of them. */
const LARGE_SLAB_LENGTH = 1 << 20;

/**
 * Cuts a stream of bytes into messages. What comes is copied, so its memory may be used again at once: all of
 * it once, into memory that several messages share, and what of a message is there when that memory is full once more.
 */
export class Deframer {
  /** Holds what is not cut yet, from `#start` to `#end`. */
  #memory: Buffer = NOTHING;
  #start = 0;
  #end = 0;

  /**
   * Takes the next bytes and yields the messages they complete.
   *
   * @throws MalformedMessageError when the bytes are no message; the stream cannot be read on then.
   */
  *feed(chunk: Uint8Array): Generator<Message, void, undefined> {
    this.push(chunk);
    for (let message = this.next(); message !== undefined; message = this.next()) yield message;
  }

  /** Takes the next bytes; `next` gives the messages they complete. */
  push(chunk: Uint8Array): void {
    if (this.#end + chunk.length > this.#memory.length) this.#makeRoom(chunk.length);
    this.#memory.set(chunk, this.#end);
    this.#end += chunk.length;
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
    return decodeAt(this.#memory, start, length);
  }

  /** Gives away the bytes that do not make a message yet. */
  takeRest(): Uint8Array {
    const rest = this.#memory.subarray(this.#start, this.#end);
    this.#start = this.#end;
    return rest;
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
    this.#start = 0;
    this.#end = waiting;
  }
}
