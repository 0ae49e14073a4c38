import fc from "fast-check";
import { expect, test } from "vitest";
import { ObjectStore } from "../../../../runtime/core/client/object-store.ts";
import type { PropertyStore } from "../../../../runtime/core/client/property-store.ts";
import type { InterfaceContract } from "../../../../runtime/core/index.ts";
import { runs } from "../../../setup/runs.ts";

// A service sends signals and replies in random interleavings.

const Crate: InterfaceContract = {
  version: 2,
  name: "org.example.Crate1",
  methods: {},
  signals: {},
  properties: { size: { name: "Size", type: "u", access: "read", emits: "true" } },
};
const PATHS = ["/a", "/b", "/c"];
const step = fc.oneof(
  fc.record({
    do: fc.constantFrom("add" as const, "remove" as const, "change" as const),
    path: fc.constantFrom(...PATHS),
  }),
  fc.record({ do: fc.constantFrom("call" as const, "reply" as const, "deliver" as const), path: fc.constant("") }),
);

test("the stored objects are those of the service after each of 10 000 random interleavings", () => {
  const race = fc.property(fc.array(step, { maxLength: 30, size: "max" }), (steps) => {
    const present = new Map<string, PropertyStore>();
    const events: string[] = [];
    const store = new ObjectStore(new Map([[Crate.name, Crate]]), {
      added(path, _, properties) {
        events.push(`added ${path}`);
        present.set(path, properties);
      },
      removed(path) {
        events.push(`removed ${path}`);
        present.delete(path);
      },
    });
    const objects = new Map<string, number>([["/a", 0]]);
    const underway: (() => void)[] = [];
    const replies: (() => void)[] = [];
    let size = 0;
    let isCalled = false;
    const sizeOf = (value: number) => new Map([["size", value]]);
    const run = ({ do: action, path }: { do: string; path: string }): void => {
      if (action === "add" && !objects.has(path)) {
        const value = ++size;
        objects.set(path, value);
        underway.push(() => store.added(path, new Map([[Crate.name, sizeOf(value)]])));
      } else if (action === "remove" && objects.delete(path)) {
        underway.push(() => store.removed(path, [Crate.name]));
      } else if (action === "change" && objects.has(path)) {
        const value = ++size;
        objects.set(path, value);
        underway.push(() => store.changed(path, Crate.name, sizeOf(value), []));
      } else if (action === "call" && !isCalled) {
        // The service reads its objects now and sends the reply later.
        const since = store.begin();
        const all = new Map([...objects].map(([at, value]) => [at, new Map([[Crate.name, sizeOf(value)]])]));
        isCalled = true;
        replies.push(() => {
          isCalled = false;
          store.fill(all, since);
        });
      } else if (action === "reply") {
        underway.push(...replies.splice(0));
      } else if (action === "deliver") {
        underway.shift()?.();
      }
    };
    run({ do: "call", path: "" });
    for (const next of steps) run(next);
    run({ do: "reply", path: "" });
    for (const deliver of underway) deliver();
    expect(Object.fromEntries([...present].map(([path, properties]) => [path, properties.get("size")]))).toEqual(
      Object.fromEntries(objects),
    );
    for (const path of PATHS) {
      const eventsOfPath = events.filter((event) => event.endsWith(path));
      expect(eventsOfPath.every((event, index) => event.startsWith(index % 2 === 0 ? "added" : "removed"))).toBe(true);
    }
  });
  fc.assert(race, { numRuns: runs(2000) });
});
