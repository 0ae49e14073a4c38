import {
  type Bus,
  type CallOptions,
  EventQueue,
  type Subscription,
  type Target,
  Variant,
} from "@dbus-codegen-ts/runtime";
import { Text } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Type.Text";
import { HandleType } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import {
  type ChannelDetails,
  type QualifiedPropertyValueMap,
  RequestsClient,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Requests";
import { RequestsClient as RequestsClient0 } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Connection.Interface.Requests";
import { CHANNEL_PROPERTIES } from "../connection/channels/channel-request.ts";
import { rootOfPath } from "../connection/object-names.ts";
import { CANONICAL_ROOT, nameIn, type Root } from "../dialects/dialect.ts";
import type { EndedConnection } from "./connection-watch.ts";
import { withCanonicalErrors } from "./remote-errors.ts";
import { subscribeAll } from "./subscribe-all.ts";
import { type ChatProperties, TextChat } from "./text-chat.ts";

/** Client of the text channels of a connection in any dialect. */
export class RemoteChats {
  readonly #bus: Bus;
  readonly #target: Target;
  readonly #root: Root;
  readonly #client: RequestsClient | RequestsClient0;
  readonly #connectionEnd: EndedConnection;

  /** @param connectionEnd - Reports the end of the connection. */
  constructor(bus: Bus, target: Target, connectionEnd: EndedConnection) {
    this.#bus = bus;
    this.#target = target;
    this.#connectionEnd = connectionEnd;
    this.#root = rootOfPath(target.path) ?? CANONICAL_ROOT;
    this.#client = this.#root === CANONICAL_ROOT ? new RequestsClient(bus, target) : new RequestsClient0(bus, target);
  }

  /**
   * Returns the text channel with a contact or a room. Creates the channel if it does not exist.
   *
   * @param identifier - Identifier of the contact or room; need not be normalised.
   * @throws InvalidHandleError if the identifier is invalid; NotImplementedError if the connection has no text
   * channels with this type of target; other errors of EnsureChannel.
   */
  async ensure(identifier: string, type: HandleType = HandleType.Contact, call?: CallOptions): Promise<TextChat> {
    const request = this.#request(identifier, type);
    const [isOurs, channel, properties] = await withCanonicalErrors(this.#client.ensureChannel(request, call));
    return this.#chat({ channel, properties }, isOurs);
  }

  /**
   * Creates a text channel.
   *
   * @throws NotAvailableError if the channel exists; the errors of `ensure`.
   */
  async create(identifier: string, type: HandleType = HandleType.Contact, call?: CallOptions): Promise<TextChat> {
    const request = this.#request(identifier, type);
    const [channel, properties] = await withCanonicalErrors(this.#client.createChannel(request, call));
    return this.#chat({ channel, properties }, true);
  }

  /** Returns the text channels that exist at present. */
  async list(call?: CallOptions): Promise<readonly TextChat[]> {
    const channels = await withCanonicalErrors(this.#client.properties.channels.get(call));
    return channels.filter((details) => this.#isText(details)).map((details) => this.#chat(details, false));
  }

  /**
   * Returns the text channels that contacts have opened and will open, each once. The iteration throws
   * ConnectionEndedError when the connection ends.
   */
  incoming(): AsyncIterableIterator<TextChat, undefined> {
    return new EventQueue<TextChat>((onChat, onEnd) => this.#listen(onChat, onEnd));
  }

  async #listen(onChat: (chat: TextChat) => void, onEnd: (reason: Error) => void): Promise<Subscription> {
    const known = new Set<string>();
    const report = (chats: readonly TextChat[]): void => {
      for (const chat of chats) {
        if (chat.properties.isRequested || known.has(chat.target.path)) continue;
        known.add(chat.target.path);
        onChat(chat);
      }
    };
    const subscriptions = await subscribeAll([
      this.#client.signals.newChannels.subscribe((channels) =>
        report(channels.filter((details) => this.#isText(details)).map((details) => this.#chat(details, false))),
      ),
      this.#client.signals.channelClosed.subscribe((path) => known.delete(path)),
      this.#connectionEnd.onEnd(onEnd),
    ]);
    try {
      report(await this.list());
    } catch (error) {
      await subscriptions.close();
      throw error;
    }
    return subscriptions;
  }

  #request(identifier: string, type: HandleType): QualifiedPropertyValueMap {
    const { channelType, targetHandleType, targetID } = CHANNEL_PROPERTIES;
    return {
      [nameIn(this.#root, channelType)]: new Variant("s", nameIn(this.#root, Text.name)),
      [nameIn(this.#root, targetHandleType)]: new Variant("u", type),
      [nameIn(this.#root, targetID)]: new Variant("s", identifier),
    };
  }

  #isText({ properties }: ChannelDetails): boolean {
    return this.#read(properties, CHANNEL_PROPERTIES.channelType) === nameIn(this.#root, Text.name);
  }

  #chat({ channel, properties }: ChannelDetails, isOurs: boolean): TextChat {
    const { targetHandleType, targetHandle, targetID, requested, initiatorID } = CHANNEL_PROPERTIES;
    const text = (name: string): string => {
      const value = this.#read(properties, name);
      return typeof value === "string" ? value : "";
    };
    const type = this.#read(properties, targetHandleType);
    const handle = this.#read(properties, targetHandle);
    const chatProperties: ChatProperties = {
      targetType: Object.values(HandleType).find((candidate) => candidate === type) ?? HandleType.None,
      targetHandle: typeof handle === "number" ? handle : 0,
      targetId: text(targetID),
      isRequested: this.#read(properties, requested) === true,
      initiatorId: text(initiatorID),
    };
    const target = { destination: this.#target.destination, path: channel };
    return new TextChat(this.#bus, target, this.#root, chatProperties, isOurs, this.#connectionEnd);
  }

  /** Returns the value of a property with a canonical name; undefined if it is missing. */
  #read(properties: QualifiedPropertyValueMap, name: string): unknown {
    return properties[nameIn(this.#root, name)]?.value;
  }
}
