import { afterAll, beforeAll, expect, test } from "vitest";
import { type InterfaceContract, Service, Variant } from "../../../../runtime/core/index.ts";
import { ENDINGS, type HandlerCase, isPossible, rigCaseOf, runCases } from "../../../fuzz/handlers.ts";
import { block } from "../../../setup/block.ts";
import { HandlerRig, PLACES, type Place, type RigCase } from "../fixtures/handler-rig.ts";
import { HOSTILE_VALUES, thenable } from "../fixtures/hostile-values.ts";
import { MANAGER, startClient } from "../fixtures/service-bus.ts";

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

/** Works for 10 ms. A caller gets less time before others are served, so its next calls have to wait. */
function spend10Milliseconds(): string {
  block(10);
  return "/";
}

test("a result that never arrives gets no reply, and other calls do", async () => {
  const actions = [() => thenable(() => undefined), () => new Promise(() => undefined), () => "/"];
  const outcomes = await rig.run(actions.map((action): RigCase => ({ place: "a method", action })));
  expect(outcomes.map(({ replies }) => replies)).toEqual([[], [], [""]]);
});

const VALUES = ["a variant whose value throws", "a variant whose signature throws", "a revoked Proxy of a variant"];
test.each(VALUES)("a stored property that becomes %s fails only what sends it", async (value) => {
  const { bus, log, call, receive } = await startClient();
  const service = new Changing();
  await bus.serveObjectManager("/managed");
  const served = await bus.serve("/managed/changing", service);
  const changes = await receive("/managed/changing", "org.freedesktop.DBus.Properties", "PropertiesChanged");
  service.becomesHostile(HOSTILE_VALUES[value]?.() as Variant);
  await expect(call("/managed", "GetManagedObjects", [], MANAGER)).rejects.toThrow("GetManagedObjects failed");
  await served.close();
  // InterfacesAdded contains the value, too.
  await bus.serve("/managed/changing", service);
  expect(await call("/managed/changing", "Ping", [], "org.freedesktop.DBus.Peer")).toEqual([]);
  expect(changes).toEqual([]);
  expect(log.entries.map(({ origin }) => origin.kind)).toEqual(["announcement", "handler", "announcement"]);
});

const Changing1 = {
  version: 2,
  name: "org.example.Changing1",
  properties: { things: { name: "Things", type: "av", access: "read", emits: "true" } },
} as const satisfies InterfaceContract;

/** A service with a property whose value changes after it was checked. */
class Changing extends Service<typeof Changing1, { things: readonly Variant[] }> {
  constructor() {
    super(Changing1, { things: [] });
  }

  becomesHostile(value: Variant): void {
    const things: Variant[] = [new Variant("s", "valid when it is stored")];
    this.properties.things = things;
    things[0] = value;
  }
}
