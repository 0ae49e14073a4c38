import { describeValue, InvalidValueError } from "./wire/errors.ts";
import { MAX_MESSAGE_LENGTH } from "./wire/limits.ts";

/** Configurable limits: on received messages, on what one caller may use of a service, and on the send queue. */
export interface Quotas {
  /**
   * Bytes of one received message, header included: 128 MiB by default, which is the limit of the protocol. Above it a
   * call gets a LimitsExceededError, the call that a reply belongs to fails with LimitsExceededError, and a signal is
   * dropped with the reason `overQuota`. Nothing of it is decoded.
   */
  readonly bytesPerMessage?: number;
  /**
   * Bytes of memory that the decoded arguments of one received message take: 64 MiB by default. A larger message has the same
   * results as one above `bytesPerMessage`. The bytes are computed from the types and lengths of the values before anything is decoded.
   * docs/runtime.md lists what each type takes. A byte array from 32 KiB on takes nothing, because it is a view of the
   * message.
   */
  readonly decodedBytesPerMessage?: number;
  /**
   * Bytes of memory that the decoded arguments of one received message take beyond twice the length of the message: 4 MiB by
   * default. A larger message has the same results as one above `bytesPerMessage`. Arrays of numbers take up to twice their length, most texts and dictionaries two to three times, small
   * containers up to 50 times. So a small message cannot take much memory, and a large one is not refused for its length.
   */
  readonly excessBytesPerMessage?: number;
  /**
   * Calls of one caller that have no reply yet, started or waiting for their turn: 1024 by default, `Infinity` for no
   * limit. Any further call gets a LimitsExceededError.
   */
  readonly callsPerSender?: number;
  /**
   * Bytes of the calls of one caller that have no reply yet, started or waiting for their turn: 64 MiB by default. A file
   * descriptor counts as 64 KiB. When they are reached, any further call gets a LimitsExceededError; one call alone may
   * have more.
   */
  readonly bytesPerSender?: number;
  /**
   * Bytes of memory of the decoded arguments of one caller's calls that have no reply yet, started or being decoded: 128
   * MiB by default. When they are reached, any further call gets a LimitsExceededError. Calls of up to 16 KiB are not
   * counted.
   */
  readonly decodedBytesPerSender?: number;
  /**
   * Bytes of the calls of all callers that have no reply yet, and of memory of their decoded arguments: 256 MiB by default.
   * A call that would exceed them gets a LimitsExceededError if its caller then had more than a 256th of them, so that
   * callers with small calls are served even if another user has many connections.
   */
  readonly bytesOfAllSenders?: number;
  /**
   * Bytes that wait to be sent and that the kernel has not taken: 64 MiB by default. Above the limit calls, signals and
   * replies fail with LimitsExceededError until the bus reads on; `bus.drained` reports when.
   */
  readonly queuedBytes?: number;
}

/** Quotas where the application sets no others. */
export const DEFAULT_QUOTAS: Required<Quotas> = {
  bytesPerMessage: MAX_MESSAGE_LENGTH,
  decodedBytesPerMessage: 2 ** 26,
  excessBytesPerMessage: 2 ** 22,
  callsPerSender: 1024,
  bytesPerSender: 2 ** 26,
  decodedBytesPerSender: 2 ** 27,
  bytesOfAllSenders: 2 ** 28,
  queuedBytes: 2 ** 26,
};

/** Most interfaces of objects that an object manager client follows, all objects counted together. */
export const MAX_FOLLOWED_INTERFACES = 2 ** 14;
/** Most memory of the paths and property values of followed objects, in bytes. */
export const MAX_FOLLOWED_BYTES = 2 ** 26;

/** Largest introspection document or spec in bytes. The largest known one, of systemd, has 170 kB. */
export const MAX_INTROSPECTION_BYTES = 2 ** 20;
/** Deepest nesting of elements in an introspection document or spec. The deepest known spec has 14 levels. */
export const MAX_XML_DEPTH = 64;
/** Most interfaces of an introspection document, or interfaces and error domains of a spec. */
export const MAX_INTERFACES = 1000;

/** Throws InvalidValueError if a quota is not a number from 1. */
export function checkQuotas(quotas: Quotas): void {
  for (const [name, quota] of Object.entries({ ...DEFAULT_QUOTAS, ...quotas })) {
    if (!(quota >= 1)) throw new InvalidValueError(`${name}: expected a number from 1, got ${describeValue(quota)}`);
  }
}
