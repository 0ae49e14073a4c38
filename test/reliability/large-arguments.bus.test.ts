import { expect, test } from "vitest";
import { holdLoops } from "./large-arguments.ts";

test("refuses large arguments of a small method, and continues (npm run reliability -- large-arguments: the event loop) [S33]", async () => {
  const held = await holdLoops();
  expect(held.map(({ refused }) => refused)).toEqual([true, true, true, false]);
});
