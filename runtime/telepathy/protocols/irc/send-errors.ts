import { ChannelTextSendError as Reason } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Type.Text";
import {
  DoesNotExistError,
  InvalidArgumentError,
  NotAvailableError,
  OfflineError,
  PermissionDeniedError,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import type { DeliveryFailure } from "../text-messages.ts";

/** Meaning of an error reply to a sent text. */
export type SendError = Pick<DeliveryFailure, "reason" | "errorName" | "isPermanent">;

const OFFLINE: SendError = { reason: Reason.Offline, errorName: OfflineError.errorName, isPermanent: false };
const NO_TARGET: SendError = {
  reason: Reason.InvalidContact,
  errorName: DoesNotExistError.errorName,
  isPermanent: true,
};
const REFUSED: SendError = {
  reason: Reason.PermissionDenied,
  errorName: PermissionDeniedError.errorName,
  isPermanent: true,
};
const TOO_LONG: SendError = { reason: Reason.TooLong, errorName: InvalidArgumentError.errorName, isPermanent: true };
const LATER: SendError = { reason: Reason.Unknown, errorName: NotAvailableError.errorName, isPermanent: false };

/**
 * Error replies to PRIVMSG and NOTICE whose second parameter is the recipient, by number (RFC 2812, section 5.2,
 * and numbers of other servers).
 */
export const SEND_ERRORS: Readonly<Record<string, SendError>> = {
  // The nickname does not exist.
  401: OFFLINE,
  // The channel does not exist.
  403: NO_TARGET,
  // The user must not write to the channel.
  404: REFUSED,
  // The text has too many recipients, or the user has written to too many contacts in a short time.
  407: LATER,
  439: LATER,
  // The text is too long.
  417: TOO_LONG,
  // The recipient or the channel accepts messages only of registered users, or of known contacts.
  477: REFUSED,
  486: REFUSED,
  531: REFUSED,
  716: REFUSED,
};
