import { randomUUID } from "node:crypto";
import { ChannelTextMessageType } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Type.Text";
import type { ChatTarget, OutgoingText, SentText, TextHost, TextProtocol } from "../text-messages.ts";
import type { LoopbackNetwork } from "./loopback-network.ts";

/**
 * Texts of a loopback connection. They reach the connections of the recipient. Without any, the recipient repeats
 * the text to its sender.
 */
export class LoopbackText implements TextProtocol {
  readonly messageTypes = [ChannelTextMessageType.Normal, ChannelTextMessageType.Action, ChannelTextMessageType.Notice];
  readonly #account: string;
  readonly #network: LoopbackNetwork<TextHost>;
  readonly #host: TextHost;

  constructor(account: string, network: LoopbackNetwork<TextHost>, host: TextHost) {
    this.#account = account;
    this.#network = network;
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
    // As with a real server, a text arrives after it was sent.
    setImmediate(() => {
      const recipients = this.#network.connectionsOf(identifier);
      const received = { ...message, token };
      for (const recipient of recipients) {
        recipient.messageReceived({ ...received, chat: { type, identifier: this.#account } });
      }
      if (recipients.length === 0) this.#host.messageReceived({ ...received, chat: { type, identifier } });
    });
    return { text: message.text, token };
  }
}
