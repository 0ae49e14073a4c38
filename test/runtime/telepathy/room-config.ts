import type { Bus, Target } from "@dbus-codegen-ts/runtime";
import { RoomConfig1Client } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Interface.RoomConfig1";
import { RoomConfig1Client as RoomConfig1Client0 } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Channel.Interface.RoomConfig1";

/** Returns a client for the configuration of a room in any dialect. */
export function roomConfigOf(bus: Bus, target: Target): RoomConfig1Client | RoomConfig1Client0 {
  const Client = target.path.startsWith("/im/") ? RoomConfig1Client : RoomConfig1Client0;
  return new Client(bus, target);
}
