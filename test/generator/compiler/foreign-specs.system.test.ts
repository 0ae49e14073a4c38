import { basename, join } from "node:path";
import { generate, type OutputFile } from "dbus-codegen-ts";
import { beforeAll, describe, expect, test } from "vitest";
import { readSpecs } from "../../../generator/cli/config/specs.ts";
import { compile } from "../compile.ts";
import { CORPUS, CORPUS_NOTE, corpus, hasCorpus, run, type Specs } from "../support.ts";
import { errorsOf, expectSound, interfaceNames, type Result } from "./sound.ts";

/** The modules of all tests, in a folder for each run of the generator. */
const modules: OutputFile[] = [];

function note(folder: string, files: readonly OutputFile[]): void {
  modules.push(...files.map(({ path, text }) => ({ path: `${folder}/${path}`, text })));
}

describe.skipIf(!hasCorpus)(`the Telepathy specification${CORPUS_NOTE}`, () => {
  let specs: Specs = {};
  let result: Result;
  beforeAll(async () => {
    specs = corpus("telepathy");
    result = await run(specs);
  });

  test("generates all files together", () => {
    expectSound(result);
    note("telepathy", result.files);
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
    let count = 0;
    for (const [name, content] of Object.entries(specs)) {
      if (name === "all.xml") continue;
      const alone = await run({ [name]: content });
      expect(errorsOf(alone), name).toEqual([]);
      note(basename(name, ".xml"), alone.files);
      count += alone.files.length;
    }
    expect(count).toBeGreaterThan(70);
  });

  test("the command line follows the includes of all.xml", async () => {
    const place = { cwd: join(CORPUS, "telepathy"), stdin: async function* () {} };
    const sources = await readSpecs({ specs: ["all.xml"] }, place);
    expect(sources.length).toBeGreaterThan(60);
    const included = await generate(sources);
    expect(errorsOf(included)).toEqual([]);
    const paths = new Set(result.files.map(({ path }) => path));
    expect(included.files.filter(({ path }) => !paths.has(path))).toEqual([]);
    expect(included.files.length).toBeGreaterThan(60);
  });
});

describe.skipIf(!hasCorpus)(`introspection data of ConnMan${CORPUS_NOTE}`, () => {
  test("generates all files together, with documents of running objects", async () => {
    const result = await run(corpus("connman"));
    expectSound(result);
    note("connman", result.files);
    expect(result.files.map(({ path }) => path)).toEqual(
      ["Clock", "Manager", "Notification", "Service", "Session", "Technology"].map((name) => `net.connman.${name}.ts`),
    );
  });
});

test.skipIf(!hasCorpus)(`the modules of the tests above compile${CORPUS_NOTE}`, async () => {
  expect(modules.length).toBeGreaterThan(130);
  expect(await compile(modules)).toEqual([]);
});
