import type { RoomHost } from "../../../../../runtime/telepathy/protocols/rooms.ts";

/** `RoomHost` that ignores all events. */
export const SILENT_ROOMS: RoomHost = {
  joined: () => undefined,
  left: () => undefined,
  membersChanged: () => undefined,
  wentOffline: () => undefined,
  renamed: () => undefined,
  invited: () => undefined,
  subjectChanged: () => undefined,
  configurationChanged: () => undefined,
  permissionsChanged: () => undefined,
};
