import type { Channel } from "../../connection/channels/channel.ts";
import type { ConnectionModel } from "../../connection/connection-model.ts";
import type { Room } from "../../connection/rooms/room.ts";
import type { RoomOperations } from "../../connection/rooms/room-operations.ts";

/** Room and operations that the views of the room's channel use. */
export interface RoomViewContext {
  readonly room: Room;
  readonly operations: RoomOperations;
}

/**
 * Returns the room of a channel and the operations on it. Throws TypeError if the channel has no room, which is a
 * defect.
 */
export function roomOf({ target }: Channel, { rooms, roomOperations }: ConnectionModel): RoomViewContext {
  const room = rooms.find(target.handle);
  if (room === undefined || roomOperations === undefined) throw new TypeError("the channel has no room");
  return { room, operations: roomOperations };
}
