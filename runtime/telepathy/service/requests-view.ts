import { type Incoming, type ObjectPath, Variant } from "@dbus-codegen-ts/runtime";
import { Text } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Type.Text";
import {
  type ChannelDetails,
  type QualifiedPropertyValueMap,
  Requests,
  type RequestsProperties,
  type RequestsService,
  type RequestsSignals,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Requests";
import { Requests as Requests0 } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Connection.Interface.Requests";
import { Requests as Requests2013 } from "@dbus-codegen-ts/stubs/telepathy-1-2013/im.telepathy1.Connection.Interface.Requests";
import type { Channel } from "../connection/channels/channel.ts";
import { CHANNEL_PROPERTIES } from "../connection/channels/channel-request.ts";
import type { ConnectionModel } from "../connection/connection-model.ts";
import { type ContractsByDialect, type Dialect, nameIn } from "../dialects/dialect.ts";
import { channelDetails, channelPath, requestableClasses } from "./channels/channel-properties.ts";
import { DialectService, type HandlersOf } from "./dialect-service.ts";

/** Contracts of the interface Requests, by dialect. */
const CONTRACTS: ContractsByDialect = {
  "telepathy-1-2012": Requests,
  "telepathy-1-2013": Requests2013,
  "telepathy-0": Requests0,
};

/** Service for the interface Requests in one dialect. */
export class RequestsView
  extends DialectService<RequestsProperties, RequestsSignals>
  implements HandlersOf<RequestsService>
{
  readonly #model: ConnectionModel;
  readonly #path: ObjectPath;

  /** @param path - Object path of the connection in the dialect. */
  constructor(dialect: Dialect, model: ConnectionModel, path: ObjectPath) {
    super(dialect, CONTRACTS, { channels: [], requestableChannelClasses: [] });
    this.#model = model;
    this.#path = path;
    this.compute("channels", () => model.channels.all.map((channel) => this.#details(channel)));
    this.compute("requestableChannelClasses", () => requestableClasses(dialect, model.channels.kinds));
    model.channels.addListener({
      channelAnnounced: (channel) => this.emit("newChannels", [this.#details(channel)]),
      channelClosed: (channel) => this.emit("channelClosed", channelPath(path, channel)),
    });
  }

  async createChannel(
    request: QualifiedPropertyValueMap,
    incoming: Incoming,
  ): Promise<[ObjectPath, QualifiedPropertyValueMap]> {
    const { uid } = await incoming.credentials();
    const consumer = { client: incoming.sender, uid };
    const details = this.#details(await this.#model.channels.create(this.#canonical(request), consumer));
    return [details.channel, details.properties];
  }

  async ensureChannel(
    request: QualifiedPropertyValueMap,
    incoming: Incoming,
  ): Promise<[boolean, ObjectPath, QualifiedPropertyValueMap]> {
    const { uid } = await incoming.credentials();
    const consumer = { client: incoming.sender, uid };
    const { channel, isYours } = await this.#model.channels.ensure(this.#canonical(request), consumer);
    const details = this.#details(channel);
    return [isYours, details.channel, details.properties];
  }

  #details(channel: Channel): ChannelDetails {
    return channelDetails(this.dialect, this.#path, channel, this.#model);
  }

  /** Returns the requested properties by canonical name. The value of ChannelType becomes canonical, too. */
  #canonical(request: QualifiedPropertyValueMap): ReadonlyMap<string, Variant> {
    const { root } = this.dialect;
    const requestable = this.#model.channels.kinds.flatMap((kind) => kind.requestableProperties);
    const names = [...Object.values(CHANNEL_PROPERTIES), ...requestable];
    const canonicalNames = new Map(names.map((name) => [nameIn(root, name), name]));
    const canonical = new Map(
      Object.entries(request).map(([name, value]) => [canonicalNames.get(name) ?? name, value]),
    );
    const type = canonical.get(CHANNEL_PROPERTIES.channelType);
    if (type?.value === nameIn(root, Text.name)) {
      canonical.set(CHANNEL_PROPERTIES.channelType, new Variant("s", Text.name));
    }
    return canonical;
  }
}
