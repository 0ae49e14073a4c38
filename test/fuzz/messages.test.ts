import { expect, test } from "vitest";
import { runs } from "../setup/runs.ts";
import { fuzzMessages, mutantMessage } from "./messages.ts";

const COUNT = runs(4000);

test("generates the same message for the same number", () => {
  expect(mutantMessage(7)).toEqual(mutantMessage(7));
});

test(`${COUNT} mutated messages are accepted and keep their meaning when re-encoded, or are rejected as malformed`, () => {
  const { accepted, rejected, failures } = fuzzMessages(0, COUNT);
  expect(failures).toEqual([]);
  // Both outcomes must occur, otherwise the mutations test nothing.
  expect(Math.min(accepted, rejected)).toBeGreaterThan(COUNT / 10);
});
