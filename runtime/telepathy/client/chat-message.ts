import {
  ChannelTextMessageType,
  type ChannelTextSendError,
  type DeliveryStatus,
  type MessagePart,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Type.Text";
import type { Handle } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { canonicalErrorName } from "../dialects/dialect.ts";

/** Content of a delivery report: whether a sent message was delivered, and the error if it was not. */
export interface Delivery {
  readonly status: DeliveryStatus;
  /** Token of the sent message, as `TextChat.send` returned it; empty if the report contains no token. */
  readonly token: string;
  readonly error?: ChannelTextSendError;
  /** Canonical name of the error; undefined if the report contains none. */
  readonly errorName?: string;
  /** Description of the error for developers. */
  readonly errorMessage?: string;
}

/** A message of a text channel. */
export interface ChatMessage {
  /** Number by which a client acknowledges the message. Unique in the channel until the message is acknowledged. */
  readonly id: number;
  readonly type: ChannelTextMessageType;
  /** Content of all parts of type `text/plain`, joined by line breaks. */
  readonly text: string;
  /** Handle of the sender, or of the recipient in a delivery report; 0 if unknown. */
  readonly senderHandle: Handle;
  /** Normalised identifier of the sender; empty if the message does not contain it. */
  readonly senderId: string;
  /**
   * Time at which the message was sent, in milliseconds since 1970; the time of receipt if the message does not
   * contain it.
   */
  readonly timeMs?: number;
  /** Whether the message is a copy from an earlier conversation that the server sent. */
  readonly isScrollback: boolean;
  /** Whether the message was still pending when an earlier channel was closed. */
  readonly isRescued: boolean;
  /** Content of a delivery report; undefined for other messages. */
  readonly delivery?: Delivery;
  /** Headers and contents of the message as received. */
  readonly parts: readonly MessagePart[];
}

/** Converts the parts of a received message to a `ChatMessage`. */
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

/** Returns the parts of a message that contains only a plain text. */
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
