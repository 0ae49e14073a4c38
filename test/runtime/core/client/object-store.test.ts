import { expect, test } from "vitest";
import { ObjectStore } from "../../../../runtime/core/client/object-store.ts";
import { StateLimitError } from "../../../../runtime/core/client/state-sync.ts";
import { valueBytes } from "../../../../runtime/core/client/value-bytes.ts";
import { type InterfaceContract, Variant } from "../../../../runtime/core/index.ts";

const Crate: InterfaceContract = {
  version: 2,
  name: "org.example.Crate1",
  properties: { label: { name: "Label", type: "s", access: "read", emits: "true" } },
};
const labels = (label: string) => new Map([["label", label]]);
const crate = (label: string) => new Map([[Crate.name, labels(label)]]);

const newStore = () =>
  new ObjectStore(
    new Map([[Crate.name, Crate]]),
    { added: () => undefined, removed: () => undefined },
    { maxInterfaces: 2, maxBytes: 1000 },
  );
const LONG = "x".repeat(1000);

const EXCESSES: readonly (readonly [string, (store: ObjectStore) => void])[] = [
  [
    "a third object",
    (store) => {
      for (const path of ["/a", "/b", "/c"]) store.added(path, crate(""));
    },
  ],
  ["a long value of an added object", (store) => store.added("/a", crate(LONG))],
  [
    "a long value of a changed object",
    (store) => {
      store.added("/a", crate(""));
      store.changed("/a", Crate.name, labels(LONG), []);
    },
  ],
  ["a long path", (store) => store.added(`/${LONG}`, crate(""))],
  ["a long value in a reply", (store) => store.fill(new Map([["/a", crate(LONG)]]), store.begin())],
  [
    "signals about many objects during a read",
    (store) => {
      store.begin();
      for (const path of ["/a", "/b", "/c"]) store.removed(path, [Crate.name]);
    },
  ],
];
test.each(EXCESSES)("%s is above the limit", (_, exceed) => {
  expect(() => exceed(newStore())).toThrow(StateLimitError);
});

test("what is removed or replaced is not counted", () => {
  const store = newStore();
  const text = "x".repeat(600);
  for (let round = 0; round < 5; round++) {
    store.added("/a", crate(text));
    store.changed("/a", Crate.name, labels(text.toUpperCase()), []);
    store.changed("/a", Crate.name, new Map(), ["label"]);
    store.changed("/a", Crate.name, labels(text), []);
    if (round % 2 === 0) store.removed("/a", [Crate.name]);
    else store.clear();
    const since = store.begin();
    store.changed("/b", Crate.name, labels(text), []);
    store.removed("/a", [Crate.name]);
    if (round % 2 === 0) store.failed(since);
    else store.fill(new Map(), since);
  }
});

test.each([
  [undefined, 8],
  [1, 8],
  [1n, 32],
  ["", 8],
  ["x".repeat(100), 128],
  [["x", 1], 48 + 8 + 8 + 8],
  [new Uint8Array(100), 308],
  [new Variant("u", 1), 8 + 32 + 8],
  [new Map([[1, 2]]), 8 + 184 + 24 + 16],
  [{ ab: true }, 8 + 56 + 56 + 24 + 8],
])("the memory of %o is %i bytes", (value, bytes) => expect(valueBytes(value)).toBe(bytes));
