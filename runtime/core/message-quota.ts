import type { Quotas } from "./quotas.ts";
import { LimitsExceededError } from "./standard-errors.ts";
import type { Steps } from "./wire/codec.ts";
import type { ItemCounts } from "./wire/decoding-cost.ts";
import { decodingCost, type Message, mustBeCounted } from "./wire/message.ts";

/** Maximum work of decoding that is done without steps. The unit is the time for decoding a number. */
const QUICK_WORK = 4096;
/** Number of values that are counted in one step. */
const COUNT_STEP = 4096;
/** Memory that decoded values may always take, as a multiple of the length of the message. */
const GRANTED_BYTES_PER_BYTE = 2;

/** Result of counting a body that does not exceed the quota. */
export interface CountedBody {
  readonly decodedBytes: number;
  readonly itemCounts: ItemCounts;
  /** Whether the body can be decoded so quickly that no steps are necessary. */
  readonly isQuick: boolean;
}

/** Returns whether a message exceeds a quota, as far as its header shows. */
export function isOverQuota({ length, isPathTooLong }: Message, { bytesPerMessage }: Required<Quotas>): boolean {
  return isPathTooLong === true || length > bytesPerMessage;
}

/** Returns whether the values of a body must be counted before the body is decoded. */
export function needsCount(message: Message, quotas: Required<Quotas>): boolean {
  return mustBeCounted(message, maxDecodedBytes(message, quotas));
}

/** Counts in steps the memory and work that decoding a body takes. Returns undefined if the body exceeds a quota. */
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

/** Returns the maximum memory of the decoded values of a message, in bytes. */
function maxDecodedBytes(
  { length }: Message,
  { decodedBytesPerMessage, excessBytesPerMessage }: Required<Quotas>,
): number {
  return Math.min(decodedBytesPerMessage, GRANTED_BYTES_PER_BYTE * length + excessBytesPerMessage);
}

/**
 * Returns the error for a message that exceeds a quota.
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
