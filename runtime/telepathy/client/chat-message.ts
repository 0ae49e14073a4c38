import {
  ChannelTextMessageType,
  type ChannelTextSendError,
  type DeliveryStatus,
  type MessagePart,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Type.Text";
import type { Handle } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { canonicalErrorName } from "../dialects/dialect.ts";

/** What a delivery report says about a message that was sent. */
export interface Delivery {
  readonly status: DeliveryStatus;
  /** Token that `TextChat.send` returned; empty if the report does not name it. */
  readonly token: string;
  readonly error?: ChannelTextSendError;
  /** Canonical name of an error. */
  readonly errorName?: string;
  /** Text for developers. */
  readonly errorMessage?: string;
}

/** A message of a text channel. */
export interface ChatMessage {
  /** Number by which it is acknowledged; unique in its channel until then. */
  readonly id: number;
  readonly type: ChannelTextMessageType;
  /** All plain text of the message. */
  readonly text: string;
  /** Handle of the sender; 0 if the sender is not known. In a delivery report it is the recipient. */
  readonly senderHandle: Handle;
  /** Normalised identifier of the sender; empty if the connection did not send it. */
  readonly senderId: string;
  /** When it was sent or received, in milliseconds since 1970. */
  readonly timeMs?: number;
  /** Whether it is a replay of an earlier conversation. */
  readonly isScrollback: boolean;
  /** Whether it was pending in an earlier channel. */
  readonly isRescued: boolean;
  /** Present in delivery reports. */
  readonly delivery?: Delivery;
  /** The whole message. */
  readonly parts: readonly MessagePart[];
}

/** Converts the parts of a received message. */
export function toChatMessage(parts: readonly MessagePart[]): ChatMessage {
  const [headers = {}, ...contents] = parts;
  const time = headers.messageSent ?? headers.messageReceived;
  const delivery = toDelivery(headers);
  return {
    id: headers.pendingMessageId ?? 0,
    type: headers.messageType ?? ChannelTextMessageType.Normal,
    text: contents
      .flatMap(({ contentType, content }) => (contentType === "text/plain" ? (content ?? "") : []))
      .join("\n"),
    senderHandle: headers.messageSender ?? 0,
    senderId: headers.messageSenderId ?? "",
    ...(time !== undefined && { timeMs: Number(time) * 1000 }),
    isScrollback: headers.scrollback === true,
    isRescued: headers.rescued === true,
    ...(delivery !== undefined && { delivery }),
    parts,
  };
}

/** Returns the parts of a message with one plain text. */
export function toParts(text: string, type: ChannelTextMessageType): readonly MessagePart[] {
  return [{ messageType: type }, { contentType: "text/plain", content: text }];
}

function toDelivery(headers: MessagePart): Delivery | undefined {
  const { deliveryStatus, deliveryToken = "", deliveryError, deliveryDbusError, deliveryErrorMessage } = headers;
  if (deliveryStatus === undefined) return undefined;
  return {
    status: deliveryStatus,
    token: deliveryToken,
    ...(deliveryError !== undefined && { error: deliveryError }),
    ...(deliveryDbusError !== undefined && { errorName: canonicalErrorName(deliveryDbusError) }),
    ...(deliveryErrorMessage !== undefined && { errorMessage: deliveryErrorMessage }),
  };
}
