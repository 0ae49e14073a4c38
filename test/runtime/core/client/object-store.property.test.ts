import fc from "fast-check";
import { expect, test } from "vitest";
import { ObjectStore } from "../../../../runtime/core/client/object-store.ts";
import type { PropertyStore } from "../../../../runtime/core/client/property-store.ts";
import type { InterfaceContract } from "../../../../runtime/core/index.ts";

// The objects of a manager against a service whose signals and replies are interleaved at random.

const Thing: InterfaceContract = {
  version: 2,
  name: "org.example.Thing1",
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
  fc.record({ do: fc.constantFrom("ask" as const, "answer" as const, "deliver" as const), path: fc.constant("") }),
);

test("the objects end as the service has them, in 10 000 random interleavings", () => {
  const race = fc.property(fc.array(step, { maxLength: 30, size: "max" }), (steps) => {
    const present = new Map<string, PropertyStore>();
    const events: string[] = [];
    const tree = new ObjectStore(new Map([[Thing.name, Thing]]), {
      added(path, _, store) {
        events.push(`added ${path}`);
        present.set(path, store);
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
    let asked = false;
    const sizeOf = (value: number) => new Map([["size", value]]);
    const run = (one: { do: string; path: string }): void => {
      const { path } = one;
      if (one.do === "add" && !objects.has(path)) {
        const value = ++size;
        objects.set(path, value);
        underway.push(() => tree.added(path, new Map([[Thing.name, sizeOf(value)]])));
      } else if (one.do === "remove" && objects.delete(path)) {
        underway.push(() => tree.removed(path, [Thing.name]));
      } else if (one.do === "change" && objects.has(path)) {
        const value = ++size;
        objects.set(path, value);
        underway.push(() => tree.changed(path, Thing.name, sizeOf(value), []));
      } else if (one.do === "ask" && !asked) {
        // The service reads its objects now, and sends what it read at some later time.
        const since = tree.begin();
        const all = new Map([...objects].map(([at, value]) => [at, new Map([[Thing.name, sizeOf(value)]])]));
        asked = true;
        replies.push(() => {
          asked = false;
          tree.fill(all, since);
        });
      } else if (one.do === "answer") {
        underway.push(...replies.splice(0));
      } else if (one.do === "deliver") {
        underway.shift()?.();
      }
    };
    run({ do: "ask", path: "" });
    for (const one of steps) run(one);
    run({ do: "answer", path: "" });
    for (const deliver of underway) deliver();
    expect(Object.fromEntries([...present].map(([path, store]) => [path, store.get("size")]))).toEqual(
      Object.fromEntries(objects),
    );
    for (const path of PATHS) {
      const own = events.filter((event) => event.endsWith(path));
      expect(own.every((event, index) => event.startsWith(index % 2 === 0 ? "added" : "removed"))).toBe(true);
    }
  });
  fc.assert(race, { numRuns: 10_000 });
});
