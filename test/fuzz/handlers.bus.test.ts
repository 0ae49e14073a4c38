import { expect, test } from "vitest";
import { fuzzHandlers, handlerCase } from "./handlers.ts";

const COUNT = 2000;

test("generates the same handler result for the same number", () => {
  expect(handlerCase(7)).toEqual(handlerCase(7));
});

test(`${COUNT} hostile results of handlers and hooks get exactly one reply each, and the connection remains`, async () => {
  expect(await fuzzHandlers(0, COUNT)).toEqual([]);
});
