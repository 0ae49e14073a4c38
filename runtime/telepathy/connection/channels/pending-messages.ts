import { ChannelTextMessageType } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Type.Text";
import { InvalidArgumentError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import type { ChannelLimits } from "../../quotas.ts";
import { type Message, PLAIN_TEXT, plainText } from "./message-parts.ts";

/** Greatest value of the wire type `u`. */
const MAX_ID = 0xffff_ffff;

/** What `PendingMessages.add` did. */
export interface AddedMessage {
  /** The message that was added, with its number in its headers: the given one, or a notice. */
  readonly message?: Message;
  /** Whether the given message was dropped. */
  readonly isLost: boolean;
}

/**
 * The received messages of one channel that were not acknowledged, oldest first. Numbers are not reused before all have
 * been used. When the queue is full, further messages are dropped. A notice in the queue reports that.
 */
export class PendingMessages {
  readonly #limits: Required<ChannelLimits>;
  readonly #messages = new Map<number, Message>();
  #lastId = 0;
  /** Length of all texts in UTF-16 units. */
  #length = 0;
  /** Whether a message was dropped and none was added since. */
  #isOverflowing = false;

  constructor(limits: Required<ChannelLimits>) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#messages.size;
  }

  /** All messages, oldest first. */
  get all(): readonly Message[] {
    return [...this.#messages.values()];
  }

  /** Returns a message by its number. */
  get(id: number): Message | undefined {
    return this.#messages.get(id);
  }

  /** Adds a message. If the queue is full, drops it; the first time, a notice is added instead. */
  add(message: Message): AddedMessage {
    const { maxPendingMessages, maxPendingLength } = this.#limits;
    const isFull = this.size >= maxPendingMessages || this.#length + plainText(message).length > maxPendingLength;
    // An empty queue accepts every message: otherwise a long one could never be received.
    if (!isFull || this.size === 0) {
      this.#isOverflowing = false;
      return { message: this.#insert(message), isLost: false };
    }
    if (this.#isOverflowing) return { isLost: true };
    this.#isOverflowing = true;
    return { message: this.#insert(overflowNotice(message, this.size)), isLost: true };
  }

  /**
   * Removes messages.
   *
   * @returns The numbers, each once.
   * @throws InvalidArgumentError if one of them is not that of a message. Then nothing is removed.
   */
  acknowledge(ids: readonly number[]): readonly number[] {
    const unknown = ids.find((id) => !this.#messages.has(id));
    if (unknown !== undefined) throw new InvalidArgumentError(`${unknown} is not the number of a pending message`);
    const removed = [...new Set(ids)];
    for (const id of removed) this.#remove(id);
    return removed;
  }

  /** Removes all messages. Returns their numbers. */
  clear(): readonly number[] {
    return this.acknowledge([...this.#messages.keys()]);
  }

  /** Moves the messages of a closed channel into this empty queue. They keep their numbers and are marked as rescued. */
  rescue(from: PendingMessages): void {
    for (const [id, [headers, ...contents]] of from.#messages) {
      this.#messages.set(id, [{ ...headers, rescued: true }, ...contents]);
    }
    this.#lastId = from.#lastId;
    this.#length = from.#length;
    this.#isOverflowing = from.#isOverflowing;
    from.#messages.clear();
    from.#length = 0;
  }

  #insert([headers, ...contents]: Message): Message {
    const id = this.#nextId();
    const message: Message = [{ ...headers, pendingMessageId: id }, ...contents];
    this.#messages.set(id, message);
    this.#length += plainText(message).length;
    return message;
  }

  #nextId(): number {
    do this.#lastId = this.#lastId === MAX_ID ? 1 : this.#lastId + 1;
    while (this.#messages.has(this.#lastId));
    return this.#lastId;
  }

  #remove(id: number): void {
    const message = this.#messages.get(id);
    if (message === undefined) return;
    this.#length -= plainText(message).length;
    this.#messages.delete(id);
  }
}

/** Returns the notice that reports the first of several messages that were dropped. */
function overflowNotice([{ messageReceived }]: Message, waiting: number): Message {
  return [
    {
      ...(messageReceived !== undefined && { messageReceived }),
      messageType: ChannelTextMessageType.Notice,
    },
    {
      contentType: PLAIN_TEXT,
      content: `From here on messages were dropped, because ${waiting} messages were not read.`,
    },
  ];
}
