import { Room1, type Room1Properties } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Interface.Room1";
import { Room2 as Room0 } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Channel.Interface.Room2";
import { Room1 as Room2013 } from "@dbus-codegen-ts/stubs/telepathy-1-2013/im.telepathy1.Channel.Interface.Room1";
import type { ContractsByDialect, Dialect } from "../../dialects/dialect.ts";
import { DialectService } from "../dialect-service.ts";
import type { RoomViewContext } from "./room-view-context.ts";

/** Contracts of the interface Room, by dialect. */
const CONTRACTS: ContractsByDialect = {
  "telepathy-1-2012": Room1,
  "telepathy-1-2013": Room2013,
  "telepathy-0": Room0,
};

/** Value that represents an unknown time in D-Bus properties. */
export const UNKNOWN_TIMESTAMP = 2n ** 63n - 1n;

/** Service for the interface Room in one dialect. */
export class RoomView extends DialectService<Room1Properties> {
  constructor(dialect: Dialect, { room }: RoomViewContext) {
    const { creator, createdSeconds } = room.origin;
    super(dialect, CONTRACTS, {
      roomName: room.name,
      server: room.server,
      creator: creator?.identifier ?? "",
      creatorHandle: creator?.handle ?? 0,
      creationTimestamp: createdSeconds === undefined ? UNKNOWN_TIMESTAMP : BigInt(createdSeconds),
    });
  }
}
