import { afterAll, beforeAll, expect, test } from "vitest";
import { ENDINGS, type HandlerCase, isPossible, rigCaseOf, runCases } from "../../../fuzz/handlers.ts";
import { HandlerRig, PLACES, type Place, type RigCase } from "../fixtures/handler-rig.ts";
import { HOSTILE_VALUES } from "../fixtures/hostile-values.ts";

let rig: HandlerRig;
beforeAll(async () => {
  rig = await HandlerRig.start();
});
afterAll(() => rig[Symbol.asyncDispose]());

const COMBINATIONS = (Object.keys(PLACES) as Place[])
  .flatMap((place) => Object.keys(ENDINGS).map((ending) => ({ place, ending })))
  .filter(isPossible);

test.each(COMBINATIONS)(
  "$place that $ending a hostile value replies Failed once and reports it",
  async (combination) => {
    const cases = Object.keys(HOSTILE_VALUES).map((value): HandlerCase => ({ ...combination, value }));
    expect(await runCases(rig, cases)).toEqual([]);
  },
);

test("a call that waits for its turn replies Failed once and reports it, like any other", async () => {
  const busy: RigCase = { place: "a method", action: spend10Milliseconds };
  const waiting = ["throws", "returns"].flatMap((ending) =>
    Object.keys(HOSTILE_VALUES).map((value) => rigCaseOf({ place: "a method", ending, value })),
  );
  const [first, ...others] = await rig.run([busy, ...waiting]);
  expect(first).toEqual({ replies: [""], reports: 0 });
  expect(others).toEqual(waiting.map(() => ({ replies: ["Failed"], reports: 1 })));
});

/** Takes more than the share of a caller, so that its next calls wait. */
function spend10Milliseconds(): string {
  for (const end = performance.now() + 10; performance.now() < end; );
  return "/";
}
