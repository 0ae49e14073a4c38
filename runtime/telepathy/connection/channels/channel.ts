import type { ChannelTextSendError } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Type.Text";
import type { ChannelLimits } from "../../quotas.ts";
import type { ChannelKind, ChannelTarget, HandleOwner } from "./channel-kind.ts";
import type { Message, SentMessage } from "./message-parts.ts";
import { PendingMessages } from "./pending-messages.ts";

/** Receiver of the events of one channel, in the order in which the signals must be emitted. It must not throw. */
export interface ChannelListener {
  messageReceived?(message: Message): void;
  /** Called for a message that was dropped because too many are pending. */
  messageLost?(): void;
  /** Called after `messageReceived` with the delivery report. The message is undefined if it is not known. */
  sendFailed?(reason: ChannelTextSendError, sent: SentMessage | undefined): void;
  messagesRemoved?(ids: readonly number[]): void;
  messageSent?(message: Message, sent: SentMessage): void;
  closed?(): void;
}

/** How a channel came into being. */
export interface ChannelOrigin {
  /** Whether a client requested it. */
  readonly isRequested: boolean;
  /** Who started the communication: the user if a client requested it; undefined if it is not known. */
  readonly initiator: HandleOwner | undefined;
}

/** What distinguishes a channel from others. All of it is constant. */
export interface ChannelIdentity {
  /** Number by which its path is unique in its connection. */
  readonly number: number;
  readonly kind: ChannelKind;
  readonly target: ChannelTarget;
  readonly origin: ChannelOrigin;
}

/** A text channel of a connection, independent of D-Bus. It ignores messages after it was closed. */
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

  /** Adds a receiver of events, such as the view of a dialect. */
  addListener(listener: ChannelListener): void {
    this.#listeners.add(listener);
  }

  /** Adds a received message to the pending ones. */
  receive(message: Message): void {
    if (this.#isClosed) return;
    const added = this.pending.add(message);
    const { message: pending } = added;
    if (added.isLost) this.#notify((listener) => listener.messageLost?.());
    if (pending !== undefined) this.#notify((listener) => listener.messageReceived?.(pending));
  }

  /** Adds the delivery report of a message that was not delivered to the pending messages. */
  receiveFailure(report: Message, reason: ChannelTextSendError, sent: SentMessage | undefined): void {
    if (this.#isClosed) return;
    this.receive(report);
    this.#notify((listener) => listener.sendFailed?.(reason, sent));
  }

  /** Removes pending messages. Throws InvalidArgumentError as `PendingMessages.acknowledge` does. */
  acknowledge(ids: readonly number[]): void {
    const removed = this.pending.acknowledge(ids);
    if (removed.length > 0) this.#notify((listener) => listener.messagesRemoved?.(removed));
  }

  /** Reports a message that was submitted to the server. */
  sent(message: Message, sent: SentMessage): void {
    if (this.#isClosed) return;
    this.#lastSent = sent;
    this.#notify((listener) => listener.messageSent?.(message, sent));
  }

  /** Returns the last message that was sent, unless it has another token. */
  lastSent(token: string | undefined): SentMessage | undefined {
    return token === undefined || token === this.#lastSent?.token ? this.#lastSent : undefined;
  }

  /** Closes the channel. The table of channels calls it once. */
  close(): void {
    this.#isClosed = true;
    this.#notify((listener) => listener.closed?.());
    this.#listeners.clear();
  }

  #notify(call: (listener: ChannelListener) => void): void {
    for (const listener of this.#listeners) call(listener);
  }
}
