import { Variant } from "@dbus-codegen-ts/runtime";
import {
  ChannelTextMessageType,
  DeliveryStatus,
  type MessagePart,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Type.Text";
import { InvalidArgumentError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import type { DeliveryFailure, IncomingText, OutgoingText } from "../../protocols/text-messages.ts";
import type { HandleOwner } from "./channel-kind.ts";

/** A message: its headers followed by its contents (Telepathy specification, Message_Part). */
export type Message = readonly [headers: MessagePart, ...contents: MessagePart[]];

/** Media type of the only content that clients can send. */
export const PLAIN_TEXT = "text/plain";

/** A text that the connection has sent to the server. */
export interface SentMessage extends OutgoingText {
  /** Token of the message in the protocol; empty if the protocol has no tokens. */
  readonly token: string;
  /** Time at which the text was sent, in milliseconds since 1970. */
  readonly sentAtMs: number;
}

/**
 * Returns the message that represents a received text, before it gets its number.
 *
 * @param sender - The sender; undefined if unknown.
 * @param nowMs - Time of receipt in milliseconds since 1970.
 */
export function receivedMessage(text: IncomingText, sender: HandleOwner | undefined, nowMs: number): Message {
  return [
    {
      ...(text.token !== undefined && { messageToken: text.token }),
      ...(text.sentAtMs !== undefined && { messageSent: toSeconds(text.sentAtMs) }),
      messageReceived: toSeconds(nowMs),
      ...senderHeaders(sender),
      ...(text.senderNickname !== undefined && { senderNickname: text.senderNickname }),
      messageType: text.type,
      ...(text.isScrollback === true && { scrollback: true }),
    },
    { contentType: PLAIN_TEXT, content: text.text },
  ];
}

/** Returns the message that represents a sent text. */
export function sentMessageParts({ token, sentAtMs, type, text }: SentMessage, sender: HandleOwner): Message {
  return [
    {
      ...(token !== "" && { messageToken: token }),
      messageSent: toSeconds(sentAtMs),
      ...senderHeaders(sender),
      messageType: type,
    },
    { contentType: PLAIN_TEXT, content: text },
  ];
}

/**
 * Returns a message that reports the failed delivery of a text.
 *
 * @param recipient - The contact who did not get the text; undefined for a room.
 * @param sent - The text, if known.
 */
export function deliveryReport(
  failure: DeliveryFailure,
  recipient: HandleOwner | undefined,
  sent: SentMessage | undefined,
  nowMs: number,
): Message {
  const { PermanentlyFailed, TemporarilyFailed } = DeliveryStatus;
  const token = failure.token ?? sent?.token ?? "";
  return [
    {
      messageReceived: toSeconds(nowMs),
      ...senderHeaders(recipient),
      messageType: ChannelTextMessageType.DeliveryReport,
      deliveryStatus: failure.isPermanent ? PermanentlyFailed : TemporarilyFailed,
      ...(token !== "" && { deliveryToken: token }),
      deliveryError: failure.reason,
      deliveryDbusError: failure.errorName,
      ...(failure.debugMessage !== "" && { deliveryErrorMessage: failure.debugMessage }),
      ...(sent !== undefined && { deliveryEcho: echoOf(sent) }),
    },
  ];
}

/** Returns the text of a message for clients that do not support parts: all contents of type `text/plain`. */
export function plainText([, ...contents]: Message): string {
  return contents.flatMap(({ contentType, content }) => (contentType === PLAIN_TEXT ? (content ?? "") : [])).join("\n");
}

/**
 * Parses a message that a client sends. Returns its type and its plain text, chosen among alternative contents.
 *
 * @throws InvalidArgumentError if the message cannot be sent as one text of a supported type.
 */
export function parseOutgoing(
  [headers, ...contents]: readonly MessagePart[],
  types: readonly ChannelTextMessageType[],
): OutgoingText {
  if (headers === undefined) throw new InvalidArgumentError("a message must have at least two parts");
  const type = types.find((candidate) => candidate === (headers.messageType ?? ChannelTextMessageType.Normal));
  if (type === undefined) throw new InvalidArgumentError(`messages of type ${headers.messageType} cannot be sent`);
  const readable = contents.filter(({ contentType }) => contentType !== undefined);
  const texts = readable.filter(({ contentType }) => contentType?.toLowerCase() === PLAIN_TEXT);
  const [{ content, alternative } = {}, ...others] = texts;
  if (content === undefined || content === "")
    throw new InvalidArgumentError(`a message must have a part of type ${PLAIN_TEXT} with content`);
  const isReplaced = (part: MessagePart): boolean => part.alternative !== undefined && part.alternative === alternative;
  if (others.length > 0 || readable.some((part) => part.content !== content && !isReplaced(part))) {
    throw new InvalidArgumentError("a message with attachments or other contents cannot be sent");
  }
  return { type, text: content };
}

function senderHeaders(sender: HandleOwner | undefined): MessagePart {
  return sender === undefined ? {} : { messageSender: sender.handle, messageSenderId: sender.identifier };
}

function echoOf({ text, type, token, sentAtMs }: SentMessage): readonly Readonly<Record<string, Variant>>[] {
  return [
    {
      "message-sent": new Variant("x", toSeconds(sentAtMs)),
      "message-type": new Variant("u", type),
      ...(token !== "" && { "message-token": new Variant("s", token) }),
    },
    { "content-type": new Variant("s", PLAIN_TEXT), content: new Variant("s", text) },
  ];
}

function toSeconds(milliseconds: number): bigint {
  return BigInt(Math.floor(milliseconds / 1000));
}
