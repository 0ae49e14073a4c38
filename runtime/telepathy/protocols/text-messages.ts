import type { MaybePromise } from "@dbus-codegen-ts/runtime";
import { Room1 } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Interface.Room1";
import type {
  ChannelTextMessageType,
  ChannelTextSendError,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Type.Text";
import { HandleType } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";

/** A contact or a room with which messages are exchanged. */
export interface ChatTarget {
  /** Type of the target: `Contact` or `Room`. */
  readonly type: HandleType;
  readonly identifier: string;
}

/** A kind of text channel that clients can request: channels with contacts, or channels with rooms. */
export interface RequestableChannels {
  /** Type of the target: `Contact` or `Room`. */
  readonly handleType: HandleType;
  /** Canonical names of the properties that a request may contain, besides the type and the target of the channel. */
  readonly requestableProperties: readonly string[];
  /**
   * Canonical name of a property that can contain the identifier of the target, if the request contains neither
   * handle nor identifier. It is also one of `requestableProperties`.
   */
  readonly nameProperty?: string;
}

/** The kind of text channels with contacts. */
export const CONTACT_TEXTS: RequestableChannels = { handleType: HandleType.Contact, requestableProperties: [] };

const ROOM_NAME = `${Room1.name}.${Room1.properties.roomName.name}`;

/** The kind of text channels with rooms. The property RoomName can contain the identifier of the room. */
export const ROOM_TEXTS: RequestableChannels = {
  handleType: HandleType.Room,
  requestableProperties: [ROOM_NAME],
  nameProperty: ROOM_NAME,
};

/** A text that the user sends. */
export interface OutgoingText {
  /** Type of the message; one of `TextProtocol.messageTypes`. */
  readonly type: ChannelTextMessageType;
  /** Content: not empty, valid Unicode, lines separated by LF. */
  readonly text: string;
}

/** A text that was sent, as its recipients receive it. */
export interface SentText {
  readonly text: string;
  /** Token by which `TextHost.deliveryFailed` refers to the message. By default the message has no token. */
  readonly token?: string;
}

/** A text that the protocol accepted and that was not sent completely. */
export interface UnsentText extends OutgoingText {
  readonly chat: ChatTarget;
}

/** Text messages of one connection, as the protocol implements them. */
export interface TextProtocol {
  /** Types of messages that can be sent, including `Normal`. */
  readonly messageTypes: readonly ChannelTextMessageType[];

  /**
   * Sends a text to the server. Called only while the connection is connected.
   *
   * @param target - Recipient with its normalised identifier. If it is a room, the user has joined it.
   * @throws DBusError of `im.telepathy1.Error` if the text cannot be sent, for example InvalidArgument if the
   * protocol cannot express it. Later failures are reported with `TextHost.deliveryFailed`.
   */
  send(target: ChatTarget, message: OutgoingText): MaybePromise<SentText>;

  /**
   * Removes and returns the texts that wait to be sent. Called when the connection ends; clients then receive
   * delivery reports for these texts. By default no texts wait.
   */
  takeUnsent?(): readonly UnsentText[];
}

/** A received text. */
export interface IncomingText {
  /** The conversation: the contact who wrote, or the room. The identifier need not be normalised. */
  readonly chat: ChatTarget;
  /** Identifier of the contact who wrote. By default the contact of the conversation; in a room, by default unknown. */
  readonly sender?: string;
  readonly type: ChannelTextMessageType;
  readonly text: string;
  /** Name that the sender chose for this message. */
  readonly senderNickname?: string;
  /** Time at which the text was sent, in milliseconds since 1970. */
  readonly sentAtMs?: number;
  /** Token of the message in the protocol. */
  readonly token?: string;
  /** Whether the text is a copy from an earlier conversation that the server sent. */
  readonly isScrollback?: boolean;
}

/** Failure of a text that was sent to the server and did not reach its recipient. */
export interface DeliveryFailure {
  /** The recipient of the text. The identifier need not be normalised. */
  readonly chat: ChatTarget;
  /** Token of the failed message (`SentText.token`). By default, the last message to the recipient. */
  readonly token?: string;
  readonly reason: ChannelTextSendError;
  /** Canonical name of an error, such as `im.telepathy1.Error.Offline`. */
  readonly errorName: string;
  /** Whether another attempt would fail, too. */
  readonly isPermanent: boolean;
  /** Text of the server for developers, without control characters. */
  readonly debugMessage: string;
}

/**
 * Receiver of received texts and failed deliveries. Calls are ignored unless the connection is connected. They take
 * effect in order.
 */
export interface TextHost {
  messageReceived(message: IncomingText): void;
  deliveryFailed(failure: DeliveryFailure): void;
}
