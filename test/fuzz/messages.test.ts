import { expect, test } from "vitest";
import { fuzzMessages, mutantMessage } from "./messages.ts";

const COUNT = 20_000;

test("a number always gives the same message", () => {
  expect(mutantMessage(7)).toEqual(mutantMessage(7));
});

test(`${COUNT} mutated messages are accepted and mean the same when sent on, or are refused as malformed`, () => {
  const { accepted, rejected, failures } = fuzzMessages(0, COUNT);
  expect(failures).toEqual([]);
  // Both ways are walked, or the mutations are no test.
  expect(Math.min(accepted, rejected)).toBeGreaterThan(COUNT / 10);
});
