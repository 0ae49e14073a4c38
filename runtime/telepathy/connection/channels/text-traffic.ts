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

/** The kind of channels with contacts. */
export const CONTACT_CHANNELS: ChannelKind = {
  ...CONTACT_TEXTS,
  interfaces: [Destroyable1.name],
  keepsPendingMessages: true,
};

/** Parts of a connection that `TextTraffic` uses. */
export interface TextTrafficContext {
  readonly host: ChannelHost;
  readonly channels: ChannelTable;
  /** Text functions of the protocol; undefined if the protocol has no texts. */
  readonly protocol: TextProtocol | undefined;
  readonly maxSentLength: number;
  /** Returns the current time in milliseconds since 1970. */
  readonly nowMs: () => number;
  /** Called with errors in the processing of received texts, for which no caller waits. */
  readonly onError: (error: unknown) => void;
}

/** Passes received texts to the channels of a connection, and texts of channels to the protocol. */
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
   * Sends a message of a client. The channel reports the sent message after the reply.
   *
   * @returns Token of the message; empty if the protocol has no tokens.
   * @throws DisconnectedError; InvalidArgumentError if the protocol cannot express the message; NotAvailableError
   * if the channel is closed; LimitsExceededError if the text is too long; errors of the protocol.
   */
  async send(channel: Channel, parts: readonly MessagePart[]): Promise<string> {
    const { host, channels, protocol, maxSentLength, nowMs } = this.#context;
    host.requireConnected();
    if (channel.isClosed || protocol === undefined) throw new NotAvailableError("the channel is closed");
    channel.identity.kind.requireSendable?.(channel.target);
    const outgoing = parseOutgoing(parts, protocol.messageTypes);
    if (outgoing.text.length > maxSentLength) {
      throw new LimitsExceededError(`a text may have at most ${maxSentLength} characters`);
    }
    const { text, token = "" } = await protocol.send(channel.target, outgoing);
    const sent: SentMessage = { type: outgoing.type, text, token, sentAtMs: nowMs() };
    const self = { handle: host.selfHandle, identifier: host.selfIdentifier };
    channels.afterReply(() => channel.sent(sentMessageParts(sent, self), sent));
    return token;
  }

  /**
   * Reports each unsent text in its channel by a delivery report, because the connection ends. Called while the
   * connection is connected.
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
        `a text to ${JSON.stringify(chat.identifier)} was not sent, and there is no channel to report this`,
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

  /**
   * Returns the channel to which a text belongs; creates it for a contact. Returns undefined for a room that the
   * user has left.
   */
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

  /** Runs a task after all earlier events. Skips the task if the connection is not connected at that time. */
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
