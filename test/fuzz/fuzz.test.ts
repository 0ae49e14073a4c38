import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { generate } from "dbus-codegen-ts";
import { describe, expect, test } from "vitest";
import { compile } from "../generator/support.ts";
import { type Mutant, mutant } from "./mutate.ts";
import { fuzz } from "./pipeline.ts";
import { SEEDS } from "./seeds.ts";

const REGRESSIONS = fileURLToPath(new URL("regressions", import.meta.url));
const COUNT = 40_000;
const CHUNK = 10_000;

/** Generates from a mutant as users do: an exception is a bug. */
function generateFrom(specs: Mutant): ReturnType<typeof generate> {
  return generate(Object.entries(specs).map(([path, content]) => ({ path, content })));
}

test.each(SEEDS.map((seed, index) => [index, seed] as const))("seed %i is accepted as it is", async (_, content) => {
  const { files, diagnostics } = await generateFrom({ "seed.xml": content, "other.xml": SEEDS[0] ?? "" });
  expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  expect(files.length).toBeGreaterThan(0);
});

test("a number always gives the same mutant", () => {
  expect(mutant(7)).toEqual(mutant(7));
  expect(new Set(Array.from({ length: 100 }, (_, seed) => JSON.stringify(mutant(seed)))).size).toBeGreaterThan(95);
});

describe(`${COUNT} mutated specs give diagnostics or modules of declarations, never an exception`, () => {
  test.each(Array.from({ length: COUNT / CHUNK }, (_, index) => index * CHUNK))(
    "seeds from %i",
    (from) => {
      const { accepted, rejected, failures } = fuzz(from, from + CHUNK);
      failures.forEach(keep);
      expect(failures.map(({ seed, error }) => `seed ${seed}: ${error}`)).toEqual([]);
      // Both ways are walked, or the mutations are no test.
      expect(Math.min(accepted, rejected)).toBeGreaterThan(CHUNK / 5);
    },
    120_000,
  );

  test("one in 200 of them with the generator's own check of its output", async () => {
    for (let seed = 0; seed < COUNT; seed += 200) await generateFrom(mutant(seed));
  });
});

test("what is accepted is right for the compiler: the first 2000 of them, each in a folder of its own", async () => {
  const files = [];
  for (let seed = 0; seed < 2000; seed++) {
    const generated = await generateFrom(mutant(seed));
    files.push(...generated.files.map(({ path, text }) => ({ path: `${seed}/${path}`, text })));
  }
  expect(files.length).toBeGreaterThan(1000);
  expect(compile(files)).toEqual([]);
});

describe("what broke the generator once", () => {
  test.each(readdirSync(REGRESSIONS))("%s", async (name) => {
    await generateFrom({ "mutant.xml": readFileSync(join(REGRESSIONS, name)), "other.xml": SEEDS[0] ?? "" });
  });
});

/** Keeps the spec of a failure, to be replayed from now on. */
function keep({ seed }: { readonly seed: number }): void {
  mkdirSync(REGRESSIONS, { recursive: true });
  writeFileSync(join(REGRESSIONS, `seed-${seed}.xml`), mutant(seed)["mutant.xml"] ?? "");
}
