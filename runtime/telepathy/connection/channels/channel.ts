import type { ChannelTextSendError } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Type.Text";
import type { ChannelLimits } from "../../quotas.ts";
import type { ChannelKind, ChannelTarget, HandleOwner } from "./channel-kind.ts";
import type { Message, SentMessage } from "./message-parts.ts";
import { PendingMessages } from "./pending-messages.ts";

/**
 * Receiver of the events of one channel, in the order in which D-Bus signals must be emitted. Its methods must not
 * throw.
 */
export interface ChannelListener {
  messageReceived?(message: Message): void;
  /** Called for each message that was dropped because too many messages are pending. */
  messageLost?(): void;
  /**
   * Called after `messageReceived` for the delivery report of a failed message.
   *
   * @param sent - The failed message; undefined if unknown.
   */
  sendFailed?(reason: ChannelTextSendError, sent: SentMessage | undefined): void;
  messagesRemoved?(ids: readonly number[]): void;
  messageSent?(message: Message, sent: SentMessage): void;
  closed?(): void;
}

/** Cause of a channel. */
export interface ChannelOrigin {
  /** Whether a client requested the channel. */
  readonly isRequested: boolean;
  /** Who started the communication: the user for a requested channel, otherwise a contact; undefined if unknown. */
  readonly initiator: HandleOwner | undefined;
}

/** Constant properties of a channel. */
export interface ChannelIdentity {
  /** Number in the object path of the channel, unique in the connection. */
  readonly number: number;
  readonly kind: ChannelKind;
  readonly target: ChannelTarget;
  readonly origin: ChannelOrigin;
}

/** A text channel of a connection, independent of D-Bus. A closed channel ignores further messages. */
export class Channel {
  readonly identity: ChannelIdentity;
  readonly pending: PendingMessages;
  readonly #listeners = new Set<ChannelListener>();
  #lastSent: SentMessage | undefined;
  #isClosed = false;

  constructor(identity: ChannelIdentity, limits: Required<ChannelLimits>) {
    this.identity = identity;
    this.pending = new PendingMessages(limits);
  }

  get target(): ChannelTarget {
    return this.identity.target;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Adds a receiver of events, such as the view of one dialect. */
  addListener(listener: ChannelListener): void {
    this.#listeners.add(listener);
  }

  /** Adds a received message to the pending messages. */
  receive(message: Message): void {
    if (this.#isClosed) return;
    const added = this.pending.add(message);
    const { message: pending } = added;
    if (added.isLost) this.#notify((listener) => listener.messageLost?.());
    if (pending !== undefined) this.#notify((listener) => listener.messageReceived?.(pending));
  }

  /** Adds the delivery report of a failed message to the pending messages. */
  receiveFailure(report: Message, reason: ChannelTextSendError, sent: SentMessage | undefined): void {
    if (this.#isClosed) return;
    this.receive(report);
    this.#notify((listener) => listener.sendFailed?.(reason, sent));
  }

  /**
   * Removes messages from the pending messages. Throws InvalidArgumentError if a number is not that of a pending
   * message.
   */
  acknowledge(ids: readonly number[]): void {
    const removed = this.pending.acknowledge(ids);
    if (removed.length > 0) this.#notify((listener) => listener.messagesRemoved?.(removed));
  }

  /** Reports a message that the connection has sent to the server. */
  sent(message: Message, sent: SentMessage): void {
    if (this.#isClosed) return;
    this.#lastSent = sent;
    this.#notify((listener) => listener.messageSent?.(message, sent));
  }

  /**
   * Returns the message that was sent last; undefined if no message was sent or it has another token.
   *
   * @param token - Token of the message; undefined if any message matches.
   */
  lastSent(token: string | undefined): SentMessage | undefined {
    return token === undefined || token === this.#lastSent?.token ? this.#lastSent : undefined;
  }

  /** Closes the channel. Called once, by the `ChannelTable`. */
  close(): void {
    this.#isClosed = true;
    this.#notify((listener) => listener.closed?.());
    this.#listeners.clear();
  }

  #notify(call: (listener: ChannelListener) => void): void {
    for (const listener of this.#listeners) call(listener);
  }
}
