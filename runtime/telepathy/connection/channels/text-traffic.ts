import { LimitsExceededError, type MaybePromise } from "@dbus-codegen-ts/runtime";
import { Destroyable1 } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Interface.Destroyable1";
import { ChannelTextSendError, type MessagePart } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Type.Text";
import { HandleType } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { DisconnectedError, NotAvailableError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import {
  type ChatTarget,
  CONTACT_TEXTS,
  type DeliveryFailure,
  type IncomingText,
  type TextHost,
  type TextProtocol,
  type UnsentText,
} from "../../protocols/text-messages.ts";
import type { Channel } from "./channel.ts";
import type { ChannelKind, ChannelTarget, HandleOwner } from "./channel-kind.ts";
import type { ChannelHost, ChannelTable } from "./channel-table.ts";
import { deliveryReport, parseOutgoing, receivedMessage, type SentMessage, sentMessageParts } from "./message-parts.ts";

/** Channels with contacts. */
export const CONTACT_CHANNELS: ChannelKind = {
  ...CONTACT_TEXTS,
  interfaces: [Destroyable1.name],
  keepsPendingMessages: true,
};

/** What the texts of a connection use. */
export interface TextTrafficContext {
  readonly host: ChannelHost;
  readonly channels: ChannelTable;
  /** Undefined if the connection has no texts. */
  readonly protocol: TextProtocol | undefined;
  readonly maxSentLength: number;
  /** Returns the current time in milliseconds since 1970. */
  readonly nowMs: () => number;
  /** Called with errors of received texts, which no caller awaits. */
  readonly onError: (error: unknown) => void;
}

/** Distributes the texts of a connection to its channels, and sends texts of channels. */
export class TextTraffic implements TextHost {
  readonly #context: TextTrafficContext;

  constructor(context: TextTrafficContext) {
    this.#context = context;
  }

  messageReceived(text: IncomingText): void {
    this.#run(() => this.#receive(text));
  }

  deliveryFailed(failure: DeliveryFailure): void {
    this.#run(() => this.#fail(failure));
  }

  /**
   * Sends a message. It is reported to the channel's listeners after the reply.
   *
   * @returns Its token, or an empty text.
   * @throws DisconnectedError; InvalidArgumentError if the message cannot be expressed in the protocol; NotAvailableError
   * if the channel is closed; LimitsExceededError if the text is too long; errors of the protocol.
   */
  async send(channel: Channel, parts: readonly MessagePart[]): Promise<string> {
    const { host, channels, protocol, maxSentLength, nowMs } = this.#context;
    host.requireConnected();
    if (channel.isClosed || protocol === undefined) throw new NotAvailableError("the channel is closed");
    channel.identity.kind.requireSendable?.(channel.target);
    const outgoing = parseOutgoing(parts, protocol.messageTypes);
    if (outgoing.text.length > maxSentLength) {
      throw new LimitsExceededError(`a text may have ${maxSentLength} characters`);
    }
    const { text, token = "" } = await protocol.send(channel.target, outgoing);
    const sent: SentMessage = { type: outgoing.type, text, token, sentAtMs: nowMs() };
    const self = { handle: host.selfHandle, identifier: host.selfIdentifier };
    channels.afterReply(() => channel.sent(sentMessageParts(sent, self), sent));
    return token;
  }

  /**
   * Reports the texts that are not sent, because the connection ends: each by a delivery error in its channel. Called while
   * connected.
   */
  failUnsent(): void {
    const { protocol, onError } = this.#context;
    for (const unsent of protocol?.takeUnsent?.() ?? []) {
      try {
        this.#failUnsent(unsent);
      } catch (error) {
        onError(error);
      }
    }
  }

  #failUnsent({ chat, type, text }: UnsentText): void {
    const { host, channels, nowMs } = this.#context;
    const handle = host.lookupHandle(chat.type, chat.identifier);
    const channel = handle === undefined ? undefined : channels.find(chat.type, handle);
    if (handle === undefined || channel === undefined) {
      throw new DisconnectedError(
        `a text to ${JSON.stringify(chat.identifier)} was not sent, and its channel is closed`,
      );
    }
    const failure = {
      ...{ chat, reason: ChannelTextSendError.Unknown, errorName: DisconnectedError.errorName, isPermanent: false },
      debugMessage: "the connection ended before the text was sent",
    };
    const sent: SentMessage = { type, text, token: "", sentAtMs: nowMs() };
    const recipient = chat.type === HandleType.Contact ? { handle, identifier: chat.identifier } : undefined;
    channel.receiveFailure(deliveryReport(failure, recipient, sent, nowMs()), failure.reason, sent);
  }

  async #receive(text: IncomingText): Promise<void> {
    const { chat, sender = chat.type === HandleType.Contact ? chat.identifier : undefined } = text;
    const target = await this.#resolve(chat);
    const from =
      sender === undefined ? undefined : await this.#resolve({ type: HandleType.Contact, identifier: sender });
    const channel = this.#channelFor({ type: chat.type, ...target }, from);
    channel?.receive(receivedMessage(text, from, this.#context.nowMs()));
  }

  async #fail(failure: DeliveryFailure): Promise<void> {
    const { chat, token, reason } = failure;
    const target = await this.#resolve(chat);
    const channel = this.#channelFor({ type: chat.type, ...target }, undefined);
    if (channel === undefined) return;
    const sent = channel.lastSent(token);
    const recipient = chat.type === HandleType.Contact ? target : undefined;
    channel.receiveFailure(deliveryReport(failure, recipient, sent, this.#context.nowMs()), reason, sent);
  }

  /** Returns the channel for a text; undefined for a room that the user has left. */
  #channelFor(target: ChannelTarget, sender: HandleOwner | undefined): Channel | undefined {
    const { channels } = this.#context;
    return target.type === HandleType.Room ? channels.find(target.type, target.handle) : channels.open(target, sender);
  }

  async #resolve({ type, identifier }: ChatTarget): Promise<HandleOwner> {
    const { host } = this.#context;
    const [handle = 0] = await host.requestHandles(type, [identifier]);
    const [normalized = ""] = host.inspectHandles(type, [handle]);
    return { handle, identifier: normalized };
  }

  /** Runs a task after all earlier events. It does nothing unless the connection is connected. */
  #run(task: () => MaybePromise<void>): void {
    this.#context.channels.events.run(async () => {
      try {
        this.#context.host.requireConnected();
      } catch {
        return;
      }
      try {
        await task();
      } catch (error) {
        this.#context.onError(error);
      }
    });
  }
}
