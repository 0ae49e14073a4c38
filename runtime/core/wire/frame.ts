import { decodeMessage, type Message, messageLength } from "./message.ts";

const NOTHING = new Uint8Array(0);

/** Cuts a stream of bytes into messages. A length that is not allowed is refused before its bytes are kept. */
export class Deframer {
  readonly #waiting: Uint8Array[] = [];
  #waitingLength = 0;
  #messageLength: number | undefined;

  /**
   * Takes the next bytes and yields the messages they complete.
   *
   * @throws MalformedMessageError when the bytes are no message; the stream cannot be read on then.
   */
  *feed(chunk: Uint8Array): Generator<Message, void, undefined> {
    this.#waiting.push(chunk);
    this.#waitingLength += chunk.length;
    if (this.#waitingLength < (this.#messageLength ?? 16)) return;
    let bytes = this.#join();
    try {
      for (;;) {
        this.#messageLength = messageLength(bytes);
        if (this.#messageLength === undefined || this.#messageLength > bytes.length) break;
        const message = bytes.subarray(0, this.#messageLength);
        bytes = bytes.subarray(this.#messageLength);
        yield decodeMessage(message);
      }
    } finally {
      if (bytes.length > 0) this.#waiting.push(bytes);
      this.#waitingLength = bytes.length;
    }
  }

  /** Gives away the bytes that do not make a message yet. */
  takeRest(): Uint8Array {
    this.#waitingLength = 0;
    this.#messageLength = undefined;
    return this.#join();
  }

  #join(): Uint8Array {
    const [first = NOTHING, ...more] = this.#waiting.splice(0);
    return more.length === 0 ? first : Buffer.concat([first, ...more]);
  }
}
