import type { ArgumentsCodec } from "../wire/arguments-codec.ts";
import type { Header } from "../wire/header.ts";
import { encodeMessage } from "../wire/message.ts";
import { Writer } from "../wire/writer.ts";

/** A message that is ready to be sent. */
export interface EncodedMessage {
  /** The whole message. It may share memory with other messages. */
  readonly bytes: Uint8Array;
  /** File descriptors that are sent with the message. */
  readonly descriptors: readonly number[] | undefined;
}

/** Encodes messages, one after another, into memory that is reused. */
export class MessageEncoder {
  #spareWriter: Writer | undefined = new Writer();
  /** Number of messages that are encoded and not queued yet. */
  #unqueued = 0;

  /**
   * Makes the memory of earlier messages available for reuse, unless a message is encoded and not queued yet. All
   * queued messages must have been sent.
   */
  reuseMemory(): void {
    if (this.#unqueued === 0) this.#spareWriter?.rewind();
  }

  /** Records that an encoded message was queued. Must be called once for each message. */
  onQueued(): void {
    this.#unqueued--;
  }

  /**
   * Encodes a message.
   *
   * @param maxDescriptors - Maximum number of file descriptors of the message.
   * @throws InvalidValueError that names the invalid header field or argument.
   */
  encode(header: Header, codec: ArgumentsCodec, values: readonly unknown[], maxDescriptors: number): EncodedMessage {
    // A getter of a value may itself send a message, so the writer is not available while it is in use.
    const writer = this.#spareWriter ?? new Writer();
    this.#spareWriter = undefined;
    writer.maxDescriptors = maxDescriptors;
    try {
      encodeMessage(writer, header, codec, values);
      this.#unqueued++;
      const { descriptors } = writer;
      return { bytes: writer.takeBytes(), descriptors: descriptors.length === 0 ? undefined : descriptors };
    } finally {
      writer.reset();
      this.#spareWriter = writer;
    }
  }
}
