import type { Quotas } from "./quotas.ts";
import { LimitsExceededError } from "./standard-errors.ts";
import type { Steps } from "./wire/codec.ts";
import type { ItemCounts } from "./wire/decoding-cost.ts";
import { decodingCost, type Message, mustBeCounted } from "./wire/message.ts";

/** Numbers, and texts that take as long, that are decoded at once. */
const QUICK_WORK = 4096;
/** Values that are counted at once. */
const COUNT_STEP = 4096;
/** Memory of decoded values that is always granted, as a multiple of the length of a message. */
const GRANTED_BYTES_PER_BYTE = 2;

/** Result of a count that is within the quota. */
export interface CountedBody {
  readonly decodedBytes: number;
  readonly itemCounts: ItemCounts;
  /** Whether the body is decoded so quickly that steps are not necessary. */
  readonly isQuick: boolean;
}

/** Returns whether the header of a message shows that the message is above a quota. */
export function isOverQuota({ length, isPathTooLong }: Message, { bytesPerMessage }: Required<Quotas>): boolean {
  return isPathTooLong === true || length > bytesPerMessage;
}

/** Returns whether a body must be counted before it is decoded. */
export function needsCount(message: Message, quotas: Required<Quotas>): boolean {
  return mustBeCounted(message, maxDecodedBytes(message, quotas));
}

/** Counts in steps what decoding a body costs. Returns undefined if it is above a quota. */
export function* countInSteps(message: Message, quotas: Required<Quotas>): Steps<CountedBody | undefined> {
  const cost = decodingCost(message, maxDecodedBytes(message, quotas));
  let state = cost.run(COUNT_STEP);
  while (state === "unfinished") {
    yield;
    state = cost.run(COUNT_STEP);
  }
  if (state === "exceeded") return undefined;
  const { decodedBytes, itemCounts, work } = cost;
  return { decodedBytes, itemCounts, isQuick: work <= QUICK_WORK };
}

/** Returns the memory in bytes that the decoded values of a message may take. */
function maxDecodedBytes(
  { length }: Message,
  { decodedBytesPerMessage, excessBytesPerMessage }: Required<Quotas>,
): number {
  return Math.min(decodedBytesPerMessage, GRANTED_BYTES_PER_BYTE * length + excessBytesPerMessage);
}

/**
 * Returns the error for a message above a quota.
 *
 * @param subject - The message in the error text, such as `the call`.
 */
export function overQuotaError(
  subject: string,
  { bytesPerMessage, decodedBytesPerMessage, excessBytesPerMessage }: Required<Quotas>,
): LimitsExceededError {
  const decoded = `${decodedBytesPerMessage} bytes, or ${excessBytesPerMessage} more than twice its length, when decoded`;
  return new LimitsExceededError(
    `${subject} has more than ${bytesPerMessage} bytes, or takes more than ${decoded}, or has a path or key of more than 65536 bytes`,
  );
}
