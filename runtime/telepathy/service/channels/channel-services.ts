import type { AnyService } from "@dbus-codegen-ts/runtime";
import { Destroyable1 } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Interface.Destroyable1";
import type { Channel } from "../../connection/channels/channel.ts";
import type { ConnectionModel } from "../../connection/connection-model.ts";
import type { Dialect } from "../../dialects/dialect.ts";
import { ChannelView } from "./channel-view.ts";
import { DestroyableView } from "./destroyable-view.ts";
import { OldTextView } from "./old-text-view.ts";
import { TextView } from "./text-view.ts";

/** Creates the service that implements an interface of one channel in one dialect. */
type CreateChannelService = (dialect: Dialect, channel: Channel, model: ConnectionModel) => AnyService;

/** Interfaces that `ChannelKind.interfaces` can name, by canonical name. A new interface is added here. */
const OPTIONAL_SERVICES: ReadonlyMap<string, CreateChannelService> = new Map([
  [Destroyable1.name, (...args) => new DestroyableView(...args)],
]);

/** Creates the services of a channel in one dialect. */
export function createChannelServices(dialect: Dialect, channel: Channel, model: ConnectionModel): AnyService[] {
  return [
    new ChannelView(dialect, channel, model),
    new TextView(dialect, channel, model),
    ...(dialect.contracts.oldText === undefined ? [] : [new OldTextView(dialect, channel, model)]),
    ...channel.identity.kind.interfaces.flatMap((name) => OPTIONAL_SERVICES.get(name)?.(dialect, channel, model) ?? []),
  ];
}
