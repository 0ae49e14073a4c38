import type { Room1Properties } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Interface.Room1";
import type { Dialect } from "../../dialects/dialect.ts";
import { DialectService } from "../dialect-service.ts";
import type { RoomViewContext } from "./room-view-context.ts";

/** Value of timestamps that are not known. */
export const UNKNOWN_TIMESTAMP = 2n ** 63n - 1n;

/** Service for the interface Room in one dialect. */
export class RoomView extends DialectService<Room1Properties> {
  constructor(dialect: Dialect, { room }: RoomViewContext) {
    super(dialect, "room", {
      roomName: room.name,
      server: room.server,
      creator: "",
      creatorHandle: 0,
      creationTimestamp: UNKNOWN_TIMESTAMP,
    });
  }
}
