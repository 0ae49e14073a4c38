import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { EQUIVALENTS } from "./equivalents.ts";
import { changedLines, mutantsOf, recordReached } from "./mutants.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

describe("the mutants of a source", () => {
  test.each([
    ["a === b;", ["a !== b;"]],
    ["a !== b;", ["a === b;"]],
    ["a < b || c >= d;", ["a < b && c >= d;", "a <= b || c >= d;", "a < b || c > d;"]],
    ["a + b * c;", ["a - b * c;", "a + b / c;"]],
    ["if (a) b;", ["if (false) b;", "if (true) b;"]],
    ["while (a) b;", ["while (false) b;"]],
    ["x = a ? b : c;", ["x = true ? b : c;", "x = false ? b : c;"]],
    ["x = !a;", ["x = a;"]],
    ["x = true;", ["x = false;"]],
    ["x = 1;", ["x = (1 + 1);"]],
    ["x = { 1: a };", []],
    ["let x: 1 | true = a;", []],
    ["f(a);", [";"]],
    ["class A extends B { constructor() { super(a); } }", []],
    ["if (a &&\n  b)\n  c;", ["if (false)", "if (true)", "if (a ||"]],
  ])("%s", (text, expected) => {
    expect(mutantsOf("a.ts", text).map((mutant) => changedLines(text, mutant)[1])).toEqual(expected);
  });
});

test("recording does not change the result of a source", () => {
  const text =
    "const f = (a) => { let n = 0; if (!(a > 1 + 2) || a === 9) n += 1; else g(() => (n += a ? 5 : 6)); return n; };";
  const mutants = mutantsOf("a.js", text);
  const run = (code: string, reached: Record<number, number>): unknown =>
    new Function("reachedMutants", "g", `${code} return [0, 3, 4, 9].map(f);`)(reached, (call: () => void) => call());
  const reached: Record<number, number> = {};
  expect(run(recordReached(text, [...mutants.entries()]), reached)).toEqual(run(text, {}));
  const unreached = mutants
    .filter((_mutant, index) => !(index in reached))
    .map((mutant) => changedLines(text, mutant)[1]);
  // No value of `a` is 0 where the last condition runs.
  expect(unreached).toEqual([expect.stringContaining("(6 + 1)")]);
});

describe("equivalent mutants are mutants of", () => {
  test.each([...new Set(EQUIVALENTS.map(({ file }) => file))])("%s", (file) => {
    const text = readFileSync(join(ROOT, file), "utf8");
    const lines = mutantsOf(file, text).map((mutant) => changedLines(text, mutant));
    const isMissing = ([from, to]: readonly [string, string]): boolean =>
      !lines.some((changed) => changed[0] === from && (to === "*" || changed[1] === to));
    const listed = EQUIVALENTS.filter((equivalents) => equivalents.file === file).flatMap(({ mutants }) => mutants);
    expect(listed.filter(isMissing)).toEqual([]);
  });
});
