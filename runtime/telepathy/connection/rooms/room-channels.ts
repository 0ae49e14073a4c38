import { Variant } from "@dbus-codegen-ts/runtime";
import { Destroyable1 } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Interface.Destroyable1";
import { Group1 } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Interface.Group1";
import { Password1 } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Interface.Password1";
import { Room1 } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Interface.Room1";
import { RoomConfig1 } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Interface.RoomConfig1";
import { Subject1 } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Interface.Subject1";
import { NotAvailableError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { ROOM_TEXTS } from "../../protocols/text-messages.ts";
import type { ChannelKind } from "../channels/channel-kind.ts";
import type { RoomTable } from "./room-table.ts";

/** Returns the kind of channels with rooms. When a client closes such a channel, the user leaves the room. */
export function roomChannels(rooms: RoomTable): ChannelKind {
  return {
    ...ROOM_TEXTS,
    interfaces: [Destroyable1, Group1, Password1, Room1, RoomConfig1, Subject1].map(({ name }) => name),
    keepsPendingMessages: false,
    open: (target, _requested, consumer) => rooms.open(target, consumer),
    requireSendable(target) {
      if (rooms.find(target.handle)?.state === "joined") return;
      throw new NotAvailableError("the user is not a member of the room");
    },
    closed: (target) => rooms.closed(target),
    constantProperties(target) {
      const room = rooms.find(target.handle);
      return {
        [`${Room1.name}.RoomName`]: new Variant("s", room?.name ?? ""),
        [`${Room1.name}.Server`]: new Variant("s", room?.server ?? ""),
      };
    },
  };
}
