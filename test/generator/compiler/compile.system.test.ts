import { beforeAll, describe, expect, test } from "vitest";
import { compile } from "../compile.ts";
import { takeModules } from "../must-compile.ts";
// These unit tests note the modules that they generate.
import "./emit/emit.test.ts";
import "./generate.test.ts";
import "./generate-options.test.ts";
import "./names/collisions.test.ts";
import "./overlays/overlays.test.ts";
import "./read/hostile-files.test.ts";
import "./read/xml.test.ts";
import "./resolve/declarations.test.ts";
import "./resolve/dictionaries.test.ts";
import "./resolve/name-syntax.test.ts";

// A process that runs tests repeatedly may have noted others.
beforeAll(() => void takeModules());

describe("the compiler", () => {
  test("accepts all modules of the unit tests above", async () => {
    const modules = takeModules();
    expect(modules.length).toBeGreaterThan(60);
    expect(await compile(modules)).toEqual([]);
  });

  test("reports errors", async () => {
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
