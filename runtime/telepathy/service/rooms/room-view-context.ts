import type { Channel } from "../../connection/channels/channel.ts";
import type { ConnectionModel } from "../../connection/connection-model.ts";
import type { Room } from "../../connection/rooms/room.ts";
import type { RoomOperations } from "../../connection/rooms/room-operations.ts";

/** What the views of the channel of a room use. */
export interface RoomViewContext {
  readonly room: Room;
  readonly operations: RoomOperations;
}

/** Returns the room of a channel. Throws TypeError if the channel has none, which is a defect. */
export function roomOf({ target }: Channel, { rooms, roomOperations }: ConnectionModel): RoomViewContext {
  const room = rooms.find(target.handle);
  if (room === undefined || roomOperations === undefined) throw new TypeError("the channel has no room");
  return { room, operations: roomOperations };
}
