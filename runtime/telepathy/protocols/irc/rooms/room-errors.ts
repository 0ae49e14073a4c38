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

/** Number of the reply that requires the key of a channel: ERR_BADCHANNELKEY. */
export const BAD_CHANNEL_KEY = "475";

/** Number of the reply of a server that has joined the user to another channel: ERR_LINKCHANNEL. */
export const LINK_CHANNEL = "470";

/** Number of the reply that an invited user is in the channel already: ERR_USERONCHANNEL. */
export const USER_ON_CHANNEL = "443";

/**
 * Errors of commands for channels, by number (RFC 2812, section 5.2, and numbers that servers in use have added). Errors
 * that are not listed are NotAvailable.
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

/** Numbers of replies that reject a command. */
export const ERROR_NUMBERS: readonly string[] = Array.from({ length: 200 }, (_, index) => String(400 + index));

/** Returns the error that a reply reports, with the text of the server. */
export function roomError(number: string, text: string): DBusError {
  const errorClass = ERRORS.get(number) ?? NotAvailableError;
  return new errorClass(sanitizeText(text) || `the server refuses this with error ${number}`);
}
