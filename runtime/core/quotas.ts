import { describeValue, InvalidValueError } from "./wire/errors.ts";

/** Configurable limits: on what one caller may use of a service, and on the send queue. */
export interface Quotas {
  /**
   * Calls of one caller that have no reply yet, started or waiting for their turn: 1024 by default, `Infinity` for no
   * limit. Any further call gets a LimitsExceededError.
   */
  readonly callsPerSender?: number;
  /**
   * Bytes of the calls of one caller that wait for their turn: 16 MiB by default. Calls wait if their caller uses more
   * than its share of time. When the limit is reached, any further call gets a LimitsExceededError.
   */
  readonly waitingBytesPerSender?: number;
  /**
   * Bytes that wait to be sent and that the kernel has not taken: 64 MiB by default. Above the limit calls, signals and
   * replies fail with LimitsExceededError until the bus reads on; `bus.drained` reports when.
   */
  readonly queuedBytes?: number;
}

/** Quotas where the application sets no others. */
export const DEFAULT_QUOTAS: Required<Quotas> = {
  callsPerSender: 1024,
  waitingBytesPerSender: 2 ** 24,
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
