import { Variant } from "@dbus-codegen-ts/runtime";
import {
  DeliveryReportingSupportFlags,
  type MessageID,
  type MessagePart,
  type MessageSendingFlags,
  Text,
  type TextProperties,
  type TextService,
  type TextSignals,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Type.Text";
import { InvalidArgumentError, NotAvailableError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import {
  Messages as Messages0,
  type MessagesService,
} from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Channel.Interface.Messages";
import { Text as Text2013 } from "@dbus-codegen-ts/stubs/telepathy-1-2013/im.telepathy1.Channel.Type.Text";
import type { Channel } from "../../connection/channels/channel.ts";
import { PLAIN_TEXT } from "../../connection/channels/message-parts.ts";
import type { ConnectionModel } from "../../connection/connection-model.ts";
import type { ContractsByDialect, Dialect } from "../../dialects/dialect.ts";
import { DialectService, type HandlersOf } from "../dialect-service.ts";

/** Contracts of the interface for messages, by dialect: Text, or Messages in `telepathy-0`. */
export const TEXT_CONTRACTS: ContractsByDialect = {
  "telepathy-1-2012": Text,
  "telepathy-1-2013": Text2013,
  "telepathy-0": Messages0,
};

/** Returns the properties of the interface for messages that are equal in all channels of a connection. */
export function textProperties(model: ConnectionModel): Omit<TextProperties, "pendingMessages"> {
  return {
    supportedContentTypes: [PLAIN_TEXT],
    messageTypes: model.protocol.text?.messageTypes ?? [],
    messagePartSupportFlags: 0,
    deliveryReportingSupport: DeliveryReportingSupportFlags.ReceiveFailures,
  };
}

/** Service for the messages of a channel in one dialect: the interface Text, or Messages in `telepathy-0`. */
export class TextView
  extends DialectService<TextProperties, TextSignals>
  implements HandlersOf<TextService>, HandlersOf<MessagesService>
{
  readonly #model: ConnectionModel;
  readonly #channel: Channel;

  constructor(dialect: Dialect, channel: Channel, model: ConnectionModel) {
    super(dialect, TEXT_CONTRACTS, { ...textProperties(model), pendingMessages: [] });
    this.#channel = channel;
    this.#model = model;
    this.compute("pendingMessages", () => channel.pending.all);
    channel.addListener({
      messageReceived: (message) => this.emit("messageReceived", message),
      messagesRemoved: (ids) => this.emit("pendingMessagesRemoved", ids),
      messageSent: (message, { token }) => this.emit("messageSent", message, 0, token),
    });
  }

  /** Sends a message. The flags are ignored: failures are always reported, and other reports are not supported. */
  sendMessage(message: readonly MessagePart[], _flags: MessageSendingFlags) {
    return this.#model.texts.send(this.#channel, message);
  }

  acknowledgePendingMessages(ids: readonly MessageID[]) {
    this.#channel.acknowledge(ids);
  }

  getPendingMessageContent(id: number, parts: readonly number[]): ReadonlyMap<number, Variant> {
    const message = this.#channel.pending.get(id);
    if (message === undefined) throw new InvalidArgumentError(`${id} is not the number of a pending message`);
    return new Map(
      parts.map((position) => {
        const part = position === 0 ? undefined : message[position];
        if (part === undefined) throw new InvalidArgumentError(`message ${id} has no part ${position}`);
        if (part.content === undefined) throw new NotAvailableError(`part ${position} has no content`);
        return [position, new Variant("s", part.content)];
      }),
    );
  }
}
