import type { Bus, ServedObject, Target } from "@dbus-codegen-ts/runtime";
import type { Channel } from "../../connection/channels/channel.ts";
import type { ChannelTableListener } from "../../connection/channels/channel-table.ts";
import type { ConnectionModel } from "../../connection/connection-model.ts";
import type { Dialect } from "../../dialects/dialect.ts";
import { channelPath } from "./channel-properties.ts";
import { createChannelServices } from "./channel-services.ts";

/** Parts of a connection that `ServedChannels` uses. */
export interface ServedChannelsContext {
  readonly bus: Bus;
  readonly model: ConnectionModel;
  /** Bus name and object path of the connection in each dialect. */
  readonly targets: ReadonlyMap<Dialect, Target>;
  /** Called with errors for which no caller waits. */
  readonly onError: (error: unknown) => void;
}

/** Serves the objects of a connection's channels in all dialects, from the creation of a channel until it is closed. */
export class ServedChannels implements ChannelTableListener {
  readonly #context: ServedChannelsContext;
  readonly #served = new Map<Channel, readonly Promise<ServedObject>[]>();

  constructor(context: ServedChannelsContext) {
    this.#context = context;
    context.model.channels.addListener(this);
  }

  channelAdded(channel: Channel): void {
    const { bus, model, targets } = this.#context;
    const served = [...targets].map(([dialect, { path }]) =>
      bus.serve(channelPath(path, channel), ...createChannelServices(dialect, channel, model)),
    );
    this.#served.set(channel, served);
    for (const object of served) object.catch(this.#context.onError);
  }

  channelClosed(channel: Channel): void {
    for (const object of this.#served.get(channel) ?? []) {
      object.then((served) => served.close()).catch(() => undefined);
    }
    this.#served.delete(channel);
  }
}
