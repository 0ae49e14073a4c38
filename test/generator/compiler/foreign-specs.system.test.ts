import { basename, join } from "node:path";
import { generate } from "dbus-codegen-ts";
import { beforeAll, describe, expect, test } from "vitest";
import { readSpecs } from "../../../generator/cli/config/specs.ts";
import { compile } from "../compile.ts";
import { CORPUS, CORPUS_NOTE, corpus, hasCorpus, run, type Specs } from "../support.ts";
import { errorsOf, expectSound, interfaceNames } from "./sound.ts";

describe.skipIf(!hasCorpus)(`the Telepathy specification${CORPUS_NOTE}`, () => {
  let specs: Specs = {};
  beforeAll(() => {
    specs = corpus("telepathy");
  });

  test("generates all files together", async () => {
    const result = await run(specs);
    expectSound(result);
    expect(await compile(result.files)).toEqual([]);
    const names = new Set(Object.values(specs).flatMap(interfaceNames));
    expect(names.size).toBeGreaterThan(60);
    expect(result.files.map(({ path }) => path)).toEqual(
      expect.arrayContaining([...names].map((name) => `${name}.ts`)),
    );
    // Every used type is defined, and every element and attribute is known.
    const codes = new Set(result.diagnostics.map(({ code }) => code));
    expect([...codes].filter((code) => code !== "renamed" && code !== "type-items")).toEqual([]);
  });

  test("generates each file alone; missing types are only warnings", async () => {
    const files = [];
    for (const [name, content] of Object.entries(specs)) {
      if (name === "all.xml") continue;
      const result = await run({ [name]: content });
      expect(errorsOf(result), name).toEqual([]);
      files.push(...result.files.map(({ path, text }) => ({ path: `${basename(name, ".xml")}/${path}`, text })));
    }
    expect(files.length).toBeGreaterThan(70);
    expect(await compile(files)).toEqual([]);
  });

  test("the command line follows the includes of all.xml", async () => {
    const place = { cwd: join(CORPUS, "telepathy"), stdin: async function* () {} };
    const sources = await readSpecs({ specs: ["all.xml"] }, place);
    expect(sources.length).toBeGreaterThan(60);
    const included = await generate(sources);
    expect(errorsOf(included)).toEqual([]);
    const given = await run(specs);
    const paths = new Set(given.files.map(({ path }) => path));
    expect(included.files.filter(({ path }) => !paths.has(path))).toEqual([]);
    expect(included.files.length).toBeGreaterThan(60);
  });
});

describe.skipIf(!hasCorpus)(`introspection data of ConnMan${CORPUS_NOTE}`, () => {
  test("generates all files together, with documents of running objects", async () => {
    const result = await run(corpus("connman"));
    expectSound(result);
    expect(await compile(result.files)).toEqual([]);
    expect(result.files.map(({ path }) => path)).toEqual(
      ["Clock", "Manager", "Notification", "Service", "Session", "Technology"].map((name) => `net.connman.${name}.ts`),
    );
  });
});
