import {
  type ChannelTextMessageType,
  ChannelTextMessageFlags as Flags,
  type PendingTextMessage,
  Text as Text0,
  type TextService,
  type TextSignals,
} from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Channel.Type.Text";
import type { Channel } from "../../connection/channels/channel.ts";
import { type Message, PLAIN_TEXT, plainText } from "../../connection/channels/message-parts.ts";
import type { ConnectionModel } from "../../connection/connection-model.ts";
import type { ContractsByDialect, Dialect } from "../../dialects/dialect.ts";
import { DialectService, type HandlersOf } from "../dialect-service.ts";

/** Contract of the interface Text of `telepathy-0`. Other dialects do not have this version of the interface. */
export const OLD_TEXT_CONTRACTS: Partial<ContractsByDialect> = {
  "telepathy-0": Text0,
};

/** Service for the interface Text of `telepathy-0`, in which a message is a single text without parts. */
export class OldTextView extends DialectService<object, TextSignals> implements HandlersOf<TextService> {
  readonly #model: ConnectionModel;
  readonly #channel: Channel;

  constructor(dialect: Dialect, channel: Channel, model: ConnectionModel) {
    super(dialect, OLD_TEXT_CONTRACTS, {});
    this.#channel = channel;
    this.#model = model;
    channel.addListener({
      messageReceived: (message) => {
        const { identifier, unixTimestamp, sender, messageType, flags, text } = toOldMessage(message);
        this.emit("received", identifier, unixTimestamp, sender, messageType, flags, text);
      },
      messageLost: () => this.emit("lostMessage"),
      sendFailed: (reason, sent) =>
        this.emit("sendError", reason, toSeconds(sent?.sentAtMs), sent?.type ?? 0, sent?.text ?? ""),
      messageSent: (_message, { sentAtMs, type, text }) => this.emit("sent", toSeconds(sentAtMs), type, text),
    });
  }

  async send(messageType: ChannelTextMessageType, content: string) {
    await this.#model.texts.send(this.#channel, [{ messageType }, { contentType: PLAIN_TEXT, content }]);
  }

  acknowledgePendingMessages(ids: readonly number[]) {
    this.#channel.acknowledge(ids);
  }

  listPendingMessages(clear: boolean) {
    const messages = this.#channel.pending.all.map(toOldMessage);
    if (clear) this.#channel.acknowledge(messages.map(({ identifier }) => identifier));
    return messages;
  }

  getMessageTypes() {
    return this.#model.protocol.text?.messageTypes ?? [];
  }
}

function toOldMessage(message: Message): PendingTextMessage {
  const [headers] = message;
  return {
    identifier: headers.pendingMessageId ?? 0,
    unixTimestamp: Number(headers.messageReceived ?? headers.messageSent ?? 0n),
    sender: headers.messageSender ?? 0,
    messageType: headers.messageType ?? 0,
    flags: (headers.scrollback === true ? Flags.Scrollback : 0) | (headers.rescued === true ? Flags.Rescued : 0),
    text: plainText(message),
  };
}

function toSeconds(milliseconds = 0): number {
  return Math.floor(milliseconds / 1000);
}
