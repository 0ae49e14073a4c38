import type { ConnectionHost } from "../../../runtime/telepathy/protocols/protocol.ts";
import { SILENT_ROOMS } from "./protocols/irc/silent-rooms.ts";

/** `ConnectionHost` that ignores all events. */
export const SILENT_HOST: ConnectionHost = {
  text: { messageReceived: () => undefined, deliveryFailed: () => undefined },
  rooms: SILENT_ROOMS,
  presence: { presencesChanged: () => undefined },
  aliases: { aliasesChanged: () => undefined },
  renaming: { contactRenamed: () => undefined },
  connected: () => undefined,
  selfIdentifierChanged: () => undefined,
  disconnected: () => undefined,
};
