import { expect, test } from "vitest";
import { retryDelayMs } from "../../../../runtime/telepathy/accounts/retry-delay.ts";

test.each([
  [1, 0, 1_500],
  [1, 1, 3_000],
  [2, 1, 6_000],
  [8, 1, 300_000],
  [1_000, 1, 300_000],
])("%i failures and random number %i give a delay of %i ms", (failures, random, delay) => {
  expect(retryDelayMs(failures, {}, random)).toBe(delay);
});
