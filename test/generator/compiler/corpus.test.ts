import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { generate } from "dbus-codegen-ts";
import { beforeAll, describe, expect, test } from "vitest";
import { readSpecs } from "../../../generator/cli/config/specs.ts";
import {
  CORPUS,
  CORPUS_NOTE,
  compile,
  corpus,
  executed,
  hasAny,
  hasCorpus,
  ROOT,
  run,
  type Specs,
  statements,
  temporaryFolder,
} from "../support.ts";

type Result = Awaited<ReturnType<typeof run>>;

const errorsOf = ({ diagnostics }: Result) =>
  diagnostics.flatMap(({ severity, message }) => (severity === "error" ? [message] : []));

/** No error, right for the compiler, no `any`, nothing that runs. */
function expectSound(result: Result): void {
  expect(errorsOf(result)).toEqual([]);
  expect(compile(result.files)).toEqual([]);
  for (const { path, text } of result.files) {
    expect(hasAny(text), path).toBe(false);
    expect(statements(text).filter((one) => one.startsWith("!"), path)).toEqual([]);
    expect(
      executed(text).filter((one) => one !== "super" && one !== "this.$call"),
      path,
    ).toEqual([]);
  }
}

/** Interface names in a spec, by a look at its text. */
const interfaceNames = (content: string | Uint8Array): readonly string[] =>
  [...content.toString().matchAll(/<interface\s+name="([^"]+)"/g)].map(([, name = ""]) => name);

describe.skipIf(!hasCorpus)(`Telepathy's specs${CORPUS_NOTE}`, () => {
  let specs: Specs = {};
  beforeAll(() => {
    specs = corpus("telepathy");
  });

  test("all files together", async () => {
    const result = await run(specs);
    expectSound(result);
    const names = new Set(Object.values(specs).flatMap(interfaceNames));
    expect(names.size).toBeGreaterThan(60);
    expect(result.files.map(({ path }) => path)).toEqual(
      expect.arrayContaining([...names].map((name) => `${name}.ts`)),
    );
    // No type is used that nobody defines, and nothing in them is unknown to us.
    const codes = new Set(result.diagnostics.map(({ code }) => code));
    expect([...codes].filter((code) => code !== "renamed" && code !== "type-items")).toEqual([]);
  });

  test("each file alone, all.xml apart: what it lacks are only warnings", async () => {
    const files = [];
    for (const [name, content] of Object.entries(specs)) {
      if (name === "all.xml") continue;
      const result = await run({ [name]: content });
      expect(errorsOf(result), name).toEqual([]);
      files.push(...result.files.map(({ path, text }) => ({ path: `${basename(name, ".xml")}/${path}`, text })));
    }
    expect(files.length).toBeGreaterThan(70);
    expect(compile(files)).toEqual([]);
  });

  test("all.xml leads the command line to all others", async () => {
    const place = { cwd: join(CORPUS, "telepathy"), stdin: async function* () {} };
    const sources = await readSpecs(["all.xml"], place);
    expect(sources.length).toBeGreaterThan(60);
    const included = await generate(sources);
    expect(errorsOf(included)).toEqual([]);
    const given = await run(specs);
    const paths = new Set(given.files.map(({ path }) => path));
    expect(included.files.filter(({ path }) => !paths.has(path))).toEqual([]);
    expect(included.files.length).toBeGreaterThan(60);
  });
});

describe.skipIf(!hasCorpus)(`ConnMan's introspection${CORPUS_NOTE}`, () => {
  test("all files together, dumps of live objects too", async () => {
    const result = await run(corpus("connman"));
    expectSound(result);
    expect(result.files.map(({ path }) => path)).toEqual(
      ["Clock", "Manager", "Notification", "Service", "Session", "Technology"].map((name) => `net.connman.${name}.ts`),
    );
  });
});

describe.skipIf(!hasCorpus)(`hostile and odd files${CORPUS_NOTE}`, () => {
  interface Entry {
    readonly file: string;
    readonly expected: string;
  }
  const entries: readonly Entry[] = hasCorpus
    ? JSON.parse(readFileSync(join(CORPUS, "hostile-xml/MANIFEST.json"), "utf8"))
    : [];

  const VERDICTS: Readonly<Record<string, (result: Result, given: string) => void>> = {
    reject: (result) => {
      expect(errorsOf(result)).not.toEqual([]);
      expect(result.files).toEqual([]);
    },
    accept: expectSound,
    "accept-escaped": expectSound,
    "accept-mangled": (result, given) => {
      expectSound(result);
      const members = [...given.matchAll(/<(?:method|signal|property) name="([^"]+)"/g)].map(([, name = ""]) => name);
      expect(members).not.toEqual([]);
      const text = result.files.map((file) => file.text).join("\n");
      for (const name of members) expect(text).toContain(`{ name: "${name}"`);
    },
    warn: (result) => {
      expectSound(result);
      expect(result.diagnostics).not.toEqual([]);
    },
    "warn-or-reject": (result) => expect(result.diagnostics).not.toEqual([]),
    "ignore-text": (result) => {
      expectSound(result);
      expect(result.files).toEqual([]);
    },
    "accept-or-clear-reject": (result) => {
      if (result.files.length > 0) expectSound(result);
      else expect(errorsOf(result)).toHaveLength(1);
    },
  };

  test("there are 43, and a verdict for each", () => {
    expect(entries).toHaveLength(43);
    expect(entries.filter(({ expected }) => VERDICTS[expected] === undefined)).toEqual([]);
  });

  test.each(entries)("$file: $expected", async ({ file, expected }) => {
    const content = readFileSync(join(CORPUS, "hostile-xml", file));
    VERDICTS[expected]?.(await run({ [file]: content }), content.toString());
  });
});

/** Whether a program is installed. */
const has = (program: string): boolean => spawnSync("which", [program]).status === 0;

describe("our own specs under other tools, which skip what they do not know", () => {
  const files = readdirSync(join(ROOT, "specs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".xml"))
    .map((name) => join(ROOT, "specs", name));
  const withInterface = files.filter((file) => interfaceNames(readFileSync(file)).length > 0);

  test("they are sound", async () => {
    const result = await run(Object.fromEntries(files.map((file) => [file, readFileSync(file)])));
    expectSound(result);
    expect(result.diagnostics).toEqual([]);
    expect(withInterface.length).toBeGreaterThan(8);
  });

  const gdbus = has("gdbus-codegen");
  test.skipIf(!gdbus)(`gdbus-codegen takes each${gdbus ? "" : " (skipped: it is not installed)"}`, async () => {
    const folder = await temporaryFolder();
    for (const file of withInterface) {
      execFileSync("gdbus-codegen", ["--generate-c-code", "code", "--output-directory", folder, file], {
        stdio: "pipe",
      });
      expect(readFileSync(join(folder, "code.h"), "utf8")).toContain("GDBusInterfaceInfo");
    }
  });

  const qt = has("qdbusxml2cpp");
  test.skipIf(!qt)(`qdbusxml2cpp takes net.connman.Session${qt ? "" : " (skipped: it is not installed)"}`, async () => {
    const folder = await temporaryFolder();
    const file = join(ROOT, "specs/connman/net.connman.Session.xml");
    execFileSync("qdbusxml2cpp", ["-p", join(folder, "session"), file], { stdio: "pipe" });
    expect(readFileSync(join(folder, "session.h"), "utf8")).toContain("class NetConnmanSessionInterface");
  });
});
