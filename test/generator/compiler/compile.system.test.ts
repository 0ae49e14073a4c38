import { describe, expect, test } from "vitest";
import { compile } from "../compile.ts";
import { notedModules, notingFiles } from "../must-compile.ts";

/** Unit tests that generate modules for this file to compile. */
const UNIT_TESTS: Readonly<Record<string, () => Promise<unknown>>> = {
  "emit.test.ts": () => import("./emit/emit.test.ts"),
  "generate.test.ts": () => import("./generate.test.ts"),
  "generate-options.test.ts": () => import("./generate-options.test.ts"),
  "collisions.test.ts": () => import("./names/collisions.test.ts"),
  "overlays.test.ts": () => import("./overlays/overlays.test.ts"),
  "hostile-files.test.ts": () => import("./read/hostile-files.test.ts"),
  "xml.test.ts": () => import("./read/xml.test.ts"),
  "declarations.test.ts": () => import("./resolve/declarations.test.ts"),
  "dictionaries.test.ts": () => import("./resolve/dictionaries.test.ts"),
  "name-syntax.test.ts": () => import("./resolve/name-syntax.test.ts"),
};

/** Test files in `UNIT_TESTS` that this run of vitest has not executed. They are executed as part of this file. */
const missing = Object.keys(UNIT_TESTS).filter((file) => !notingFiles().includes(file));
for (const file of missing) await UNIT_TESTS[file]?.();

describe("the compiler", () => {
  test("accepts all modules of the unit tests", async () => {
    const before = Object.keys(UNIT_TESTS).filter((file) => !missing.includes(file));
    const own = missing.length > 0 ? ["compile.system.test.ts"] : [];
    const modules = [...before, ...own].flatMap((file) =>
      notedModules(file).map(({ path, text }) => ({ path: `${file}/${path}`, text })),
    );
    expect(modules.length).toBeGreaterThan(60);
    expect(await compile(modules)).toEqual([]);
  });

  test("reports the errors of a module", async () => {
    const text = 'import { Client, type Missing } from "@dbus-codegen-ts/runtime";\nexport const wrong: string = 1;\n';
    const problems = await compile([
      { path: "a.ts", text },
      { path: "b.ts", text: 'export const right: string = "";\n' },
      { path: "c.ts", text: "export const inferred = [1].map(String);\n" },
    ]);
    expect(problems.map((problem) => /(\w\.ts):\d+ (TS\d+):/.exec(problem)?.slice(1).join(" ")).toSorted()).toEqual([
      "a.ts TS2305",
      "a.ts TS2322",
      "a.ts TS6192",
      "c.ts TS9010",
    ]);
  });
});
