import type { ErrorHook } from "../hooks.ts";
import { overQuotaError } from "../message-quota.ts";
import type { Quotas } from "../quotas.ts";
import type { ArgumentsCodec } from "../wire/arguments-codec.ts";
import { MalformedMessageError } from "../wire/errors.ts";
import { MessageType } from "../wire/header.ts";
import type { Message } from "../wire/message.ts";
import type { DropReason } from "./counters.ts";
import { Inbox, type InboxReceiver } from "./inbox.ts";
import type { PendingCalls } from "./pending-calls.ts";
import type { SignalListeners } from "./signal-router.ts";
import type { Subscriptions } from "./subscriptions.ts";

/** Receivers of messages by kind, and callbacks of a message receiver. */
export interface MessageReceiverParts {
  /** Receives replies. */
  readonly calls: PendingCalls;
  /** Receives signals. */
  readonly subscriptions: Subscriptions;
  readonly quotas: Required<Quotas>;
  /** Receives method calls. Must not throw anything but MalformedMessageError. */
  readonly onCall: (call: Message) => void;
  /** Called with a message that was not used, or was used only in part. */
  readonly onDrop: (reason: DropReason, message: Message) => void;
  /** Called if the bus itself has sent a malformed body. */
  readonly onMalformed: (error: MalformedMessageError) => void;
  readonly onError: ErrorHook;
}

/**
 * Delivers received messages: calls to the served objects, replies to pending calls, signals to their listeners. No
 * message of a peer ends the connection: unhandled errors are reported.
 */
export class MessageReceiver implements InboxReceiver {
  readonly #parts: MessageReceiverParts;
  readonly #inbox: Inbox;

  constructor(parts: MessageReceiverParts) {
    this.#parts = parts;
    this.#inbox = new Inbox(this, parts.quotas, parts.onError);
  }

  /**
   * Delivers a message. A method call is delivered directly, because calls have a separate order and separate quotas.
   * Any other message passes through the inbox, where it waits if it is large.
   */
  receive(message: Message): void {
    if (message.type === MessageType.MethodCall) this.take(message);
    else this.#inbox.add(message);
  }

  /** Drops all waiting messages, because the connection is lost. */
  clear(): void {
    this.#inbox.clear();
  }

  take(message: Message, listeners?: SignalListeners): void {
    try {
      const reason = this.#deliver(message, listeners);
      if (reason !== undefined) this.#parts.onDrop(reason, message);
    } catch (error) {
      // Malformed bodies of peers are handled where they are read. So this body is of the bus, which must not send
      // malformed bodies.
      if (error instanceof MalformedMessageError) this.#parts.onMalformed(error);
      else this.#report(error, message);
    } finally {
      // A service may still use the descriptors of a call.
      if (message.type !== MessageType.MethodCall) message.descriptors?.close();
    }
  }

  takeOverQuota(message: Message, listeners: SignalListeners): void {
    const { calls, subscriptions, quotas, onDrop } = this.#parts;
    try {
      const reason =
        message.type === MessageType.Signal
          ? subscriptions.receive(message, { unreadable: "overQuota", listeners })
          : calls.settleUnread(message, overQuotaError("the reply", quotas));
      if (reason !== undefined) onDrop(reason, message);
    } catch (error) {
      this.#report(error, message);
    }
  }

  #report(error: unknown, { sender = "", member }: Message): void {
    this.#parts.onError(error, { kind: "message", sender, ...(member !== undefined && { member }) });
  }

  listenersOf(message: Message): SignalListeners {
    return message.type === MessageType.Signal ? this.#parts.subscriptions.signals.listenersOf(message) : new Set();
  }

  codecsOf(message: Message, listeners: SignalListeners): readonly ArgumentsCodec[] | undefined {
    const { calls, subscriptions } = this.#parts;
    if (message.type !== MessageType.Signal) return calls.codecsOf(message);
    return subscriptions.signals.codecsOf(message, listeners);
  }

  /** Delivers a message. Returns why the message is dropped, or undefined if it is used. */
  #deliver(message: Message, listeners: SignalListeners | undefined): DropReason | undefined {
    const { calls, subscriptions, onCall } = this.#parts;
    const { type } = message;
    if (type === MessageType.Signal) return subscriptions.receive(message, { listeners });
    if (type === MessageType.MethodReturn || type === MessageType.Error) return calls.settle(message);
    if (type === MessageType.MethodCall) onCall(message);
    return undefined;
  }
}
