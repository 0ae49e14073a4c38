import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { generate } from "dbus-codegen-ts";
import { describe, expect, test } from "vitest";
import { compile } from "../generator/compile.ts";
import { type Mutant, mutant } from "./mutate.ts";
import { fuzz, modulesOfMutants } from "./pipeline.ts";
import { SEEDS } from "./seeds.ts";

const REGRESSIONS = fileURLToPath(new URL("regressions", import.meta.url));
/** Number of mutants; `npm run fuzz -- specs` takes more. */
const COUNT = 3000;
const CHUNK = 1500;

/** Generates from a mutant. An exception is a bug. */
function generateFrom(specs: Mutant): ReturnType<typeof generate> {
  return generate(Object.entries(specs).map(([path, content]) => ({ path, content })));
}

test.each(SEEDS.map((seed, index) => [index, seed] as const))(
  "seed %i is accepted without mutation",
  async (_, content) => {
    const { files, diagnostics } = await generateFrom({ "seed.xml": content, "other.xml": SEEDS[0] ?? "" });
    expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(files.length).toBeGreaterThan(0);
  },
);

test("a seed always results in the same mutant", () => {
  expect(mutant(7)).toEqual(mutant(7));
  expect(new Set(Array.from({ length: 100 }, (_, seed) => JSON.stringify(mutant(seed)))).size).toBeGreaterThan(95);
});

describe(`${COUNT} mutated specs give diagnostics or modules of declarations, never an exception`, () => {
  test.each(Array.from({ length: COUNT / CHUNK }, (_, index) => index * CHUNK))(
    "seeds from %i",
    (from) => {
      const { accepted, rejected, failures } = fuzz(from, from + CHUNK);
      // To keep a failing spec, write it to a file in `regressions`.
      expect(failures.map(({ seed, error }) => `seed ${seed}: ${error}\n${mutant(seed)["mutant.xml"]}`)).toEqual([]);
      // Without enough accepted and rejected specs, the mutations test nothing.
      expect(Math.min(accepted, rejected)).toBeGreaterThan(CHUNK / 5);
    },
    120_000,
  );

  test("the generator accepts its output for every 50th of them", async () => {
    for (let seed = 0; seed < COUNT; seed += 50) await generateFrom(mutant(seed));
  });
});

test("the modules of the first 250 mutants compile (npm run fuzz -- modules takes more)", async () => {
  const files = await modulesOfMutants(0, 250);
  expect(files.length).toBeGreaterThan(120);
  expect(await compile(files)).toEqual([]);
});

describe("specs that caused an exception in the past", () => {
  test.each(readdirSync(REGRESSIONS))("%s", async (name) => {
    await generateFrom({ "mutant.xml": readFileSync(join(REGRESSIONS, name)), "other.xml": SEEDS[0] ?? "" });
  });
});
