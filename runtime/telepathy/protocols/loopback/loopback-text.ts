import { ChannelTextMessageType } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Type.Text";
import { HandleType } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import type { ChatTarget, OutgoingText, SentText, TextHost, TextProtocol } from "../text-messages.ts";
import type { LoopbackNetwork } from "./loopback-network.ts";
import type { LoopbackRooms } from "./loopback-rooms.ts";

/**
 * Texts of a loopback connection. A text is delivered to the connections of the recipient. If the recipient has
 * none, the text is returned to the sender as a message of the recipient.
 */
export class LoopbackText implements TextProtocol {
  readonly messageTypes = [ChannelTextMessageType.Normal, ChannelTextMessageType.Action, ChannelTextMessageType.Notice];
  readonly #account: string;
  readonly #network: LoopbackNetwork<TextHost>;
  readonly #rooms: LoopbackRooms;
  readonly #host: TextHost;

  constructor(account: string, network: LoopbackNetwork<TextHost>, rooms: LoopbackRooms, host: TextHost) {
    this.#account = account;
    this.#network = network;
    this.#rooms = rooms;
    this.#host = host;
  }

  /** Registers the connection, so that it receives texts of other connections. */
  connected(): void {
    this.#network.join(this.#account, this.#host);
  }

  disconnected(): void {
    this.#network.leave(this.#account, this.#host);
  }

  send({ type, identifier }: ChatTarget, message: OutgoingText): SentText {
    // Loading this module takes much of the time of a start.
    const token = process.getBuiltinModule("node:crypto").randomUUID();
    if (type === HandleType.Room) this.#sendToRoom(identifier, { ...message, token });
    else this.#sendToContact({ type, identifier }, { ...message, token });
    return { text: message.text, token };
  }

  /** Delivers a text to the other members of a room. */
  #sendToRoom(identifier: string, message: OutgoingText & SentText): void {
    const members = [...(this.#rooms.find(identifier)?.members.keys() ?? [])];
    const recipients = members.filter((member) => member !== this.#account);
    const chat = { type: HandleType.Room, identifier };
    setImmediate(() => {
      for (const recipient of recipients.flatMap((member) => this.#network.connectionsOf(member))) {
        recipient.messageReceived({ ...message, chat, sender: this.#account });
      }
    });
  }

  #sendToContact({ type, identifier }: ChatTarget, received: OutgoingText & SentText): void {
    // A text is delivered after `send` has returned, as with a real server.
    setImmediate(() => {
      const recipients = this.#network.connectionsOf(identifier);
      for (const recipient of recipients) {
        recipient.messageReceived({ ...received, chat: { type, identifier: this.#account } });
      }
      if (recipients.length === 0) this.#host.messageReceived({ ...received, chat: { type, identifier } });
    });
  }
}
