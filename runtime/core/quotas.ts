import { describeValue, InvalidValueError } from "./wire/errors.ts";
import { MAX_MESSAGE_LENGTH } from "./wire/limits.ts";

/** Configurable limits: on received messages, on what one caller may use of a service, and on the send queue. */
export interface Quotas {
  /**
   * Bytes of one received message, including its header: 128 MiB by default, which is the limit of the protocol. A
   * larger call gets a LimitsExceededError. After a larger reply, the call fails with LimitsExceededError. A larger
   * signal is dropped with the reason `overQuota`. The message is not decoded.
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
   * Bytes of the calls of one caller that have no reply yet, started or waiting for their turn: 64 MiB by default. A
   * file descriptor counts as 64 KiB. When this number is reached, any further call gets a LimitsExceededError; one
   * call alone may have more.
   */
  readonly bytesPerSender?: number;
  /**
   * Bytes of memory of the decoded arguments of one caller's calls that have no reply yet, started or being decoded:
   * 128 MiB by default. When this number is reached, any further call gets a LimitsExceededError. Calls of up to 16 KiB
   * are not counted.
   */
  readonly decodedBytesPerSender?: number;
  /**
   * Bytes of the calls of all callers that have no reply yet, and of the memory of their decoded arguments: 256 MiB by
   * default. Above this number, a call gets a LimitsExceededError unless the calls of its caller, including this one,
   * have at most a 256th of it. So callers with few and small calls are served even if another user has many
   * connections.
   */
  readonly bytesOfAllSenders?: number;
  /**
   * Bytes that wait to be sent and that the kernel has not taken: 64 MiB by default. Above the limit, calls, signals
   * and replies fail with LimitsExceededError until the bus has read messages; `bus.drained` then resolves.
   */
  readonly queuedBytes?: number;
}

/** Default quotas. */
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

/** Maximum number of interfaces that an object manager client follows, in all objects together. */
export const MAX_FOLLOWED_INTERFACES = 16_384;
/** Maximum memory of the paths and property values of all followed objects, in bytes. */
export const MAX_FOLLOWED_BYTES = 67_108_864;

/** Maximum size of an introspection document or spec in bytes. The largest known document, of systemd, has 170 kB. */
export const MAX_INTROSPECTION_BYTES = 1_048_576;
/** Maximum nesting of elements in an introspection document or spec. The deepest known spec has 14 levels. */
export const MAX_XML_DEPTH = 64;
/** Maximum number of interfaces in an introspection document, and of interfaces and error domains in a spec. */
export const MAX_INTERFACES = 1000;

/** Throws InvalidValueError if a quota is not a number of at least 1. */
export function checkQuotas(quotas: Quotas): void {
  for (const [name, quota] of Object.entries({ ...DEFAULT_QUOTAS, ...quotas })) {
    if (!(quota >= 1)) throw new InvalidValueError(`${name}: expected a number from 1, got ${describeValue(quota)}`);
  }
}
