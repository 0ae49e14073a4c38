import type { DBusError } from "@dbus-codegen-ts/runtime";
import {
  ChannelBannedError,
  ChannelFullError,
  ChannelInviteOnlyError,
  DoesNotExistError,
  InvalidHandleError,
  NotAvailableError,
  PermissionDeniedError,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { sanitizeText } from "../irc-problem.ts";

type RoomErrorClass = new (message: string) => DBusError;

/** Number of the reply for a missing or wrong key of a channel: ERR_BADCHANNELKEY. */
export const BAD_CHANNEL_KEY = "475";

/** Number of the reply of a server that makes the user join another channel instead: ERR_LINKCHANNEL. */
export const LINK_CHANNEL = "470";

/** Number of the reply for an invited user who is in the channel already: ERR_USERONCHANNEL. */
export const USER_ON_CHANNEL = "443";

/**
 * Errors of commands for channels, by number of the reply (RFC 2812, section 5.2, and numbers of other servers).
 * Numbers that are missing here correspond to NotAvailable.
 */
const ERRORS: ReadonlyMap<string, RoomErrorClass> = new Map<string, RoomErrorClass>([
  ["401", DoesNotExistError],
  ["403", DoesNotExistError],
  ["471", ChannelFullError],
  ["473", ChannelInviteOnlyError],
  ["474", ChannelBannedError],
  ["476", InvalidHandleError],
  ["477", PermissionDeniedError],
  ["479", InvalidHandleError],
  ["481", PermissionDeniedError],
  ["482", PermissionDeniedError],
  ["484", PermissionDeniedError],
  ["485", PermissionDeniedError],
  ["489", PermissionDeniedError],
  ["499", PermissionDeniedError],
  ["520", PermissionDeniedError],
]);

/** Numbers of all replies that can reject a command: 400 to 599. */
export const ERROR_NUMBERS: readonly string[] = Array.from({ length: 200 }, (_, index) => String(400 + index));

/** Returns the error for an error reply, with the text of the server as message. */
export function roomError(number: string, text: string): DBusError {
  const errorClass = ERRORS.get(number) ?? NotAvailableError;
  return new errorClass(sanitizeText(text) || `the server refuses the command with error ${number}`);
}
