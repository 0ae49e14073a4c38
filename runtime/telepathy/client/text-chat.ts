import {
  type Bus,
  type CallOptions,
  EventQueue,
  LimitsExceededError,
  type Subscription,
  type Target,
} from "@dbus-codegen-ts/runtime";
import { ChannelClient } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel";
import { ChannelTextMessageType, TextClient } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Type.Text";
import type { HandleType } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { ChannelClient as ChannelClient0 } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Channel";
import { MessagesClient } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Channel.Interface.Messages";
import { TextClient as TextClient0 } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Channel.Type.Text";
import { CANONICAL_ROOT, type Root } from "../dialects/dialect.ts";
import { type ChatMessage, toChatMessage, toParts } from "./chat-message.ts";
import type { EndedConnection } from "./connection-watch.ts";
import { withCanonicalErrors } from "./remote-errors.ts";
import { subscribeAll } from "./subscribe-all.ts";

/** Maximum number of messages that wait until the pending messages are read. */
const MAX_EARLY_MESSAGES = 10_000;

/** Constant properties of a text channel. */
export interface ChatProperties {
  /** Type of the target: a contact or a room. */
  readonly targetType: HandleType;
  readonly targetHandle: number;
  /** Normalised identifier of the contact or room. */
  readonly targetId: string;
  /** Whether a client requested the channel. If not, a contact opened it. */
  readonly isRequested: boolean;
  /** Normalised identifier of the contact who started the conversation; empty if it is not known. */
  readonly initiatorId: string;
}

/**
 * A text channel in any dialect. Only an iteration over its messages uses resources, so there is nothing to dispose
 * of.
 */
export class TextChat {
  readonly target: Target;
  readonly properties: ChatProperties;
  /**
   * Whether the channel was created because this program requested it. Then this program is responsible for
   * handling it.
   */
  readonly isOurs: boolean;
  readonly #channel: ChannelClient | ChannelClient0;
  readonly #messages: TextClient | MessagesClient;
  readonly #text: TextClient | TextClient0;
  readonly #connectionEnd: EndedConnection;

  /** @param connectionEnd - Reports the end of the connection. */
  constructor(
    bus: Bus,
    target: Target,
    root: Root,
    properties: ChatProperties,
    isOurs: boolean,
    connectionEnd: EndedConnection,
  ) {
    this.target = target;
    this.properties = properties;
    this.isOurs = isOurs;
    this.#connectionEnd = connectionEnd;
    if (root === CANONICAL_ROOT) {
      this.#channel = new ChannelClient(bus, target);
      this.#messages = new TextClient(bus, target);
      this.#text = this.#messages;
    } else {
      this.#channel = new ChannelClient0(bus, target);
      this.#messages = new MessagesClient(bus, target);
      this.#text = new TextClient0(bus, target);
    }
  }

  /**
   * Sends a text.
   *
   * @returns The token by which delivery reports refer to the message; empty if the protocol has no tokens.
   * @throws InvalidArgumentError if the protocol cannot express the text; other errors of SendMessage.
   */
  send(
    text: string,
    type: ChannelTextMessageType = ChannelTextMessageType.Normal,
    call?: CallOptions,
  ): Promise<string> {
    return withCanonicalErrors(this.#messages.sendMessage(toParts(text, type), 0, call));
  }

  /**
   * Returns the pending messages, then those that arrive, each once. The iteration ends when the channel is closed,
   * and throws ConnectionEndedError if the connection ends before. It throws LimitsExceededError if 10,000 messages
   * wait for the iteration.
   */
  async *messages(): AsyncGenerator<ChatMessage, undefined> {
    try {
      yield* new EventQueue<ChatMessage>((onMessage, onEnd) => this.#listen(onMessage, onEnd));
    } catch (error) {
      if (!(error instanceof ChannelClosed)) throw error;
    }
  }

  /** Reads the pending messages, the oldest first. */
  async pending(call?: CallOptions): Promise<readonly ChatMessage[]> {
    const messages = await withCanonicalErrors(this.#messages.properties.pendingMessages.get(call));
    return messages.map(toChatMessage);
  }

  /**
   * Acknowledges messages that the user has seen or the program has stored.
   *
   * @throws InvalidArgumentError if one of the messages is not pending. Then no message is acknowledged.
   */
  acknowledge(messages: readonly ChatMessage[], call?: CallOptions): Promise<void> {
    return withCanonicalErrors(
      this.#text.acknowledgePendingMessages(
        messages.map(({ id }) => id),
        call,
      ),
    );
  }

  /** Closes the channel. If messages are pending, the connection opens a new channel with them. */
  close(call?: CallOptions): Promise<void> {
    return withCanonicalErrors(this.#channel.close(call));
  }

  async #listen(onMessage: (message: ChatMessage) => void, onEnd: (reason: Error) => void): Promise<Subscription> {
    /** Messages received while the pending messages are read; undefined afterwards. */
    let early: ChatMessage[] | undefined = [];
    const subscriptions = await subscribeAll([
      this.#channel.signals.closed.subscribe(() => onEnd(new ChannelClosed())),
      this.#messages.signals.messageReceived.subscribe((parts) => {
        const message = toChatMessage(parts);
        if (early === undefined) onMessage(message);
        else if (early.length < MAX_EARLY_MESSAGES) early.push(message);
        else onEnd(new LimitsExceededError(`more than ${MAX_EARLY_MESSAGES} messages came before the pending ones`));
      }),
      this.#connectionEnd.onEnd(onEnd),
    ]);
    try {
      const pending = await this.pending();
      const known = new Set(pending.map(({ id }) => id));
      for (const message of [...pending, ...early.filter(({ id }) => !known.has(id))]) onMessage(message);
      early = undefined;
      return subscriptions;
    } catch (error) {
      await subscriptions.close();
      throw error;
    }
  }
}

/** Error that ends an iteration because its channel was closed. Callers never receive it. */
class ChannelClosed extends Error {}
