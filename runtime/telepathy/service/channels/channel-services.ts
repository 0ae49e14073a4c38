import type { AnyService } from "@dbus-codegen-ts/runtime";
import { Destroyable1 } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Interface.Destroyable1";
import { Group1 } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Interface.Group1";
import { Password1 } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Interface.Password1";
import { Room1 } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Interface.Room1";
import { RoomConfig1 } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Interface.RoomConfig1";
import { Subject1 } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Interface.Subject1";
import type { Channel } from "../../connection/channels/channel.ts";
import type { ConnectionModel } from "../../connection/connection-model.ts";
import type { Dialect } from "../../dialects/dialect.ts";
import { GroupView } from "../rooms/group-view.ts";
import { PasswordView } from "../rooms/password-view.ts";
import { RoomConfigView } from "../rooms/room-config-view.ts";
import { RoomView } from "../rooms/room-view.ts";
import { roomOf } from "../rooms/room-view-context.ts";
import { SubjectView } from "../rooms/subject-view.ts";
import { ChannelView } from "./channel-view.ts";
import { DestroyableView } from "./destroyable-view.ts";
import { OLD_TEXT_CONTRACTS, OldTextView } from "./old-text-view.ts";
import { TextView } from "./text-view.ts";

/** Function that creates the service for one interface of one channel in one dialect. */
type CreateChannelService = (dialect: Dialect, channel: Channel, model: ConnectionModel) => AnyService;

/**
 * Functions that create the services for optional interfaces, by canonical name. A new interface is registered
 * here.
 */
const OPTIONAL_SERVICES: ReadonlyMap<string, CreateChannelService> = new Map<string, CreateChannelService>([
  [Destroyable1.name, (...args) => new DestroyableView(...args)],
  [Group1.name, (dialect, channel, model) => new GroupView(dialect, roomOf(channel, model), model)],
  [Password1.name, (dialect, channel, model) => new PasswordView(dialect, roomOf(channel, model))],
  [Room1.name, (dialect, channel, model) => new RoomView(dialect, roomOf(channel, model))],
  [RoomConfig1.name, (dialect, channel, model) => new RoomConfigView(dialect, roomOf(channel, model))],
  [Subject1.name, (dialect, channel, model) => new SubjectView(dialect, roomOf(channel, model))],
]);

/** Creates the services for all interfaces of a channel in one dialect. */
export function createChannelServices(dialect: Dialect, channel: Channel, model: ConnectionModel): AnyService[] {
  return [
    new ChannelView(dialect, channel, model),
    new TextView(dialect, channel, model),
    ...(OLD_TEXT_CONTRACTS[dialect.name] === undefined ? [] : [new OldTextView(dialect, channel, model)]),
    ...channel.identity.kind.interfaces.flatMap((name) => OPTIONAL_SERVICES.get(name)?.(dialect, channel, model) ?? []),
  ];
}
