import { expect, test } from "vitest";
import { compare } from "./compare.ts";

/** Rows: messages of a session of ConnMan, messages of ours, the numbers of equal and of all messages, the differences. */
test.each([
  [["a", "b"], ["a", "b"], [2, 2], []],
  [["a", "b"], ["a"], [1, 2], [{ expected: "b" }]],
  [["a"], ["a", "b"], [1, 2], [{ actual: "b" }]],
  [["a", "x", "b"], ["a", "y", "b"], [2, 3], [{ expected: "x", actual: "y" }]],
  [
    ["a", "b"],
    ["b", "a"],
    [1, 3],
    [{ expected: "a" }, { actual: "a" }],
  ],
  [[], ["a"], [0, 1], [{ actual: "a" }]],
  [["a"], [], [0, 1], [{ expected: "a" }]],
] as const)("ConnMan sends %j, ours sends %j", (expected, actual, counts, differences) => {
  const compared = compare({ A: expected, B: ["same"] }, { A: actual, B: ["same"] });
  expect([compared.equal - 1, compared.total - 1]).toEqual(counts);
  expect(compared.differences).toEqual(differences.map((difference) => ({ session: "A", ...difference })));
});

test("compare reports the messages of a session that only one service has as differences", () => {
  const compared = compare({}, { A: ["a"] });
  expect(compared).toEqual({ equal: 0, total: 1, differences: [{ session: "A", actual: "a" }] });
});
