import type { ChannelProperties, ChannelService, ChannelSignals } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel";
import type { ChannelService as ChannelService0 } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Channel";
import type { Channel } from "../../connection/channels/channel.ts";
import type { ConnectionModel } from "../../connection/connection-model.ts";
import type { Dialect } from "../../dialects/dialect.ts";
import { DialectService, type HandlersOf } from "../dialect-service.ts";
import { CHANNEL_CONTRACTS, channelProperties } from "./channel-properties.ts";

/** Service for the interface Channel in one dialect. */
export class ChannelView
  extends DialectService<ChannelProperties, ChannelSignals>
  implements HandlersOf<ChannelService>, HandlersOf<ChannelService0>
{
  readonly #model: ConnectionModel;
  readonly #channel: Channel;

  constructor(dialect: Dialect, channel: Channel, model: ConnectionModel) {
    super(dialect, CHANNEL_CONTRACTS, channelProperties(dialect, channel));
    this.#channel = channel;
    this.#model = model;
    channel.addListener({ closed: () => this.emit("closed") });
  }

  close() {
    this.#model.channels.close(this.#channel);
  }

  getChannelType() {
    return this.properties.channelType;
  }

  getHandle(): [type: ChannelProperties["targetHandleType"], handle: number] {
    return [this.properties.targetHandleType, this.properties.targetHandle];
  }

  getInterfaces() {
    return this.properties.interfaces;
  }
}
