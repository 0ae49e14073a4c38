import { expect, test } from "vitest";
import { runs } from "../setup/runs.ts";
import { fuzzFiles, mutantFile } from "./files.ts";

const COUNT = runs(3000);

test("generates the same file for the same number", () => {
  expect(mutantFile(7)).toEqual(mutantFile(7));
});

test(`${COUNT} mutated account and policy files are accepted and can be used, or are rejected with a message`, () => {
  const { accepted, rejected, failures } = fuzzFiles(0, COUNT);
  expect(failures).toEqual([]);
  // Both outcomes must occur, otherwise the mutations test nothing.
  expect(Math.min(accepted, rejected)).toBeGreaterThan(COUNT / 10);
});
