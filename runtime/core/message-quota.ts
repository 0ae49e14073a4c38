import type { Quotas } from "./quotas.ts";
import { LimitsExceededError } from "./standard-errors.ts";
import type { Steps } from "./wire/codec.ts";
import { countElements, type Message } from "./wire/message.ts";

/** Elements, and texts that take as long, that are decoded at once. */
const QUICK_WORK = 4096;
/** Elements that are counted at once. */
const COUNT_STEP = 8192;

/** Result of a count that is within the quota. */
export interface CountedBody {
  readonly elements: number;
  /** Whether the body is decoded so quickly that steps are not necessary. */
  readonly isQuick: boolean;
}

/** Returns whether the header of a message shows that the message is above a quota. */
export function isOverQuota({ length, isPathTooLong }: Message, { bytesPerMessage }: Required<Quotas>): boolean {
  return isPathTooLong === true || length > bytesPerMessage;
}

/** Counts the elements of a body in steps. Returns undefined if there are more than the given number. */
export function* countInSteps(message: Message, maxElements: number): Steps<CountedBody | undefined> {
  const count = countElements(message, maxElements);
  let state = count.run(COUNT_STEP);
  while (state === "unfinished") {
    yield;
    state = count.run(COUNT_STEP);
  }
  return state === "exceeded" ? undefined : { elements: count.elements, isQuick: count.work <= QUICK_WORK };
}

/**
 * Returns the error for a message above a quota.
 *
 * @param subject - The message in the error text, such as `the call`.
 */
export function overQuotaError(
  subject: string,
  { bytesPerMessage, elementsPerMessage }: Required<Quotas>,
): LimitsExceededError {
  return new LimitsExceededError(
    `${subject} has more than ${bytesPerMessage} bytes or ${elementsPerMessage} elements, or a path or key of more than 65536 bytes`,
  );
}
