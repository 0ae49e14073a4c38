import { randomUUID } from "node:crypto";
import { ChannelTextMessageType } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Type.Text";
import { HandleType } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import type { ChatTarget, OutgoingText, SentText, TextHost, TextProtocol } from "../text-messages.ts";
import type { LoopbackNetwork } from "./loopback-network.ts";
import type { LoopbackRooms } from "./loopback-rooms.ts";

/**
 * Texts of a loopback connection. They reach the connections of the recipient. Without any, the recipient repeats
 * the text to its sender.
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

  /** Lets other connections write to this one. */
  connected(): void {
    this.#network.join(this.#account, this.#host);
  }

  disconnected(): void {
    this.#network.leave(this.#account, this.#host);
  }

  send({ type, identifier }: ChatTarget, message: OutgoingText): SentText {
    const token = randomUUID();
    if (type === HandleType.Room) this.#sendToRoom(identifier, { ...message, token });
    else this.#sendToContact({ type, identifier }, { ...message, token });
    return { text: message.text, token };
  }

  /** Sends a text to the other members of a room. */
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
    // As with a real server, a text arrives after it was sent.
    setImmediate(() => {
      const recipients = this.#network.connectionsOf(identifier);
      for (const recipient of recipients) {
        recipient.messageReceived({ ...received, chat: { type, identifier: this.#account } });
      }
      if (recipients.length === 0) this.#host.messageReceived({ ...received, chat: { type, identifier } });
    });
  }
}
