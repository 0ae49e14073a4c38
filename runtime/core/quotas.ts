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
   * Elements of one received message: 1 048 576 by default; above it as above `bytesPerMessage`. Every number,
   * text and variant in the arguments is an element, also the keys of dictionaries. A struct and an array count as two, a
   * dictionary and a byte array as four, also if they are empty, a text key that begins with a digit as sixteen, and a
   * variant as one more for every 8 characters of its signature. Decoded, an element takes about 50 bytes of memory.
   */
  readonly elementsPerMessage?: number;
  /**
   * Calls of one caller that have no reply yet, started or waiting for their turn: 1024 by default, `Infinity` for no
   * limit. Any further call gets a LimitsExceededError.
   */
  readonly callsPerSender?: number;
  /**
   * Bytes of the calls of one caller that have no reply yet, started or waiting for their turn: 64 MiB by default. When
   * they are reached, any further call gets a LimitsExceededError; one call alone may have more.
   */
  readonly bytesPerSender?: number;
  /**
   * Elements of the calls of one caller that have no reply yet, started or being decoded: 2 097 152 by default. When they
   * are reached, any further call gets a LimitsExceededError. Calls of up to 16 KiB are not counted.
   */
  readonly elementsPerSender?: number;
  /**
   * Bytes that wait to be sent and that the kernel has not taken: 64 MiB by default. Above the limit calls, signals and
   * replies fail with LimitsExceededError until the bus reads on; `bus.drained` reports when.
   */
  readonly queuedBytes?: number;
}

/** Quotas where the application sets no others. */
export const DEFAULT_QUOTAS: Required<Quotas> = {
  bytesPerMessage: MAX_MESSAGE_LENGTH,
  elementsPerMessage: 2 ** 20,
  callsPerSender: 1024,
  bytesPerSender: 2 ** 26,
  elementsPerSender: 2 ** 21,
  queuedBytes: 2 ** 26,
};

/** Longest text of an error that a handler throws, in UTF-16 code units. */
export const MAX_ERROR_TEXT_LENGTH = 2 ** 20;

/** Throws InvalidValueError if a quota is not a number from 1. */
export function checkQuotas(quotas: Quotas): void {
  for (const [name, quota] of Object.entries({ ...DEFAULT_QUOTAS, ...quotas })) {
    if (!(quota >= 1)) throw new InvalidValueError(`${name}: expected a number from 1, got ${describeValue(quota)}`);
  }
}
