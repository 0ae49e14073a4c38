import type { MaybePromise } from "@dbus-codegen-ts/runtime";
import { Room1 } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Interface.Room1";
import type {
  ChannelTextMessageType,
  ChannelTextSendError,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Type.Text";
import { HandleType } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";

/** A contact or a room with which messages are exchanged. */
export interface ChatTarget {
  /** `Contact` or `Room`. */
  readonly type: HandleType;
  readonly identifier: string;
}

/** Text channels that clients can request: those with contacts, or those with rooms. */
export interface RequestableChannels {
  /** Type of the target: `Contact` or `Room`. */
  readonly handleType: HandleType;
  /** Canonical names of properties that a request may contain, besides channel type and target. */
  readonly requestableProperties: readonly string[];
  /** One of these properties, which contains the identifier of the target in requests without handle and identifier. */
  readonly nameProperty?: string;
}

/** Text channels with contacts. */
export const CONTACT_TEXTS: RequestableChannels = { handleType: HandleType.Contact, requestableProperties: [] };

const ROOM_NAME = `${Room1.name}.${Room1.properties.roomName.name}`;

/** Text channels with rooms, whose names are their identifiers. */
export const ROOM_TEXTS: RequestableChannels = {
  handleType: HandleType.Room,
  requestableProperties: [ROOM_NAME],
  nameProperty: ROOM_NAME,
};

/** A text that the user sends. */
export interface OutgoingText {
  /** One of `TextProtocol.messageTypes`. */
  readonly type: ChannelTextMessageType;
  /** Valid Unicode; lines end in LF. Not empty. */
  readonly text: string;
}

/** A sent text, as its recipients receive it. */
export interface SentText {
  readonly text: string;
  /** Identifier by which `TextHost.deliveryFailed` refers to the message. By default it has none. */
  readonly token?: string;
}

/** A text that was accepted and waits to be sent, in whole or in part. */
export interface UnsentText extends OutgoingText {
  readonly chat: ChatTarget;
}

/** The part of a connection that sends texts to contacts and rooms. */
export interface TextProtocol {
  /** Types of messages that can be sent, `Normal` among them. */
  readonly messageTypes: readonly ChannelTextMessageType[];

  /**
   * Submits a text to the server. Called only while connected.
   *
   * @param target - Normalised. For a room, the user has joined it.
   * @throws DBusError of `im.telepathy1.Error` if the text cannot be sent, such as `InvalidArgument` if the protocol
   * cannot express it. Later failures are reported by `TextHost.deliveryFailed`.
   */
  send(target: ChatTarget, message: OutgoingText): MaybePromise<SentText>;

  /**
   * Removes the texts that wait to be sent, and returns them. Called when the connection ends; their senders get delivery
   * errors. By default no text waits.
   */
  takeUnsent?(): readonly UnsentText[];
}

/** A text that was received. */
export interface IncomingText {
  /** The contact who wrote, or the room. The identifier need not be normalised. */
  readonly chat: ChatTarget;
  /** Identifier of the contact who wrote: by default that of a chat with a contact; in a room it is not known. */
  readonly sender?: string;
  readonly type: ChannelTextMessageType;
  readonly text: string;
  /** Name that the sender chose for this message. */
  readonly senderNickname?: string;
  /** When the text was sent, in milliseconds since 1970. */
  readonly sentAtMs?: number;
  /** Identifier of the message in the protocol. */
  readonly token?: string;
  /** Whether the text is a replay of an earlier conversation. */
  readonly isScrollback?: boolean;
}

/** A text that was submitted to the server and did not reach its recipient. */
export interface DeliveryFailure {
  /** The recipient. The identifier need not be normalised. */
  readonly chat: ChatTarget;
  /** The `SentText.token` of the message, if it is known. By default, the last message that was sent there is meant. */
  readonly token?: string;
  readonly reason: ChannelTextSendError;
  /** Name of an error of `im.telepathy1.Error`. */
  readonly errorName: string;
  /** Whether another attempt would fail, too. */
  readonly isPermanent: boolean;
  /** Message of the server, without control characters. */
  readonly debugMessage: string;
}

/** Receiver of texts. It ignores all calls unless the connection is connected. The order of calls is kept. */
export interface TextHost {
  messageReceived(message: IncomingText): void;
  deliveryFailed(failure: DeliveryFailure): void;
}
