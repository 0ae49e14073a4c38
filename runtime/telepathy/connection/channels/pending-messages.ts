import { ChannelTextMessageType } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Type.Text";
import { InvalidArgumentError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import type { ChannelLimits } from "../../quotas.ts";
import { type Message, PLAIN_TEXT, plainText } from "./message-parts.ts";

/** Greatest value of the D-Bus type `u`. */
const MAX_ID = 0xffff_ffff;

/** Result of `PendingMessages.add`. */
export interface AddedMessage {
  /**
   * The message that was added, with its number in the headers: the received message, or a notice about dropped
   * messages.
   */
  readonly message?: Message;
  /** Whether the received message was dropped. */
  readonly isLost: boolean;
}

/**
 * Queue of the received messages of one channel that are not acknowledged, oldest first. Messages are numbered; a
 * number is reused only after 2^32 - 1 messages. A full queue drops further messages and contains one notice about
 * them.
 */
export class PendingMessages {
  readonly #limits: Required<ChannelLimits>;
  readonly #messages = new Map<number, Message>();
  #lastId = 0;
  /** Length of the texts of all messages in UTF-16 code units. */
  #length = 0;
  /** Whether the last received message was dropped. */
  #isOverflowing = false;

  constructor(limits: Required<ChannelLimits>) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#messages.size;
  }

  /** All pending messages, the oldest first. */
  get all(): readonly Message[] {
    return [...this.#messages.values()];
  }

  /** Returns the message with a number; undefined if it does not exist. */
  get(id: number): Message | undefined {
    return this.#messages.get(id);
  }

  /** Adds a message to the queue. A full queue drops the message; the first time, it adds a notice instead. */
  add(message: Message): AddedMessage {
    const { maxPendingMessages, maxPendingLength } = this.#limits;
    const isFull = this.size >= maxPendingMessages || this.#length + plainText(message).length > maxPendingLength;
    // An empty queue accepts a message of any length. Otherwise a long message could never be received.
    if (!isFull || this.size === 0) {
      this.#isOverflowing = false;
      return { message: this.#insert(message), isLost: false };
    }
    if (this.#isOverflowing) return { isLost: true };
    this.#isOverflowing = true;
    return { message: this.#insert(overflowNotice(message, this.size)), isLost: true };
  }

  /**
   * Removes messages by their numbers.
   *
   * @returns The numbers without duplicates.
   * @throws InvalidArgumentError if a number is not that of a pending message. Then no message is removed.
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

/**
 * Returns a notice for the user: messages that are received from now on are dropped.
 *
 * @param waiting - Number of messages that are pending.
 */
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
