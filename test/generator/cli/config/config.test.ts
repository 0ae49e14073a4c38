import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Config, defineConfig } from "dbus-codegen-ts";
import { beforeEach, describe, expect, test } from "vitest";
import { checkConfig } from "../../../../generator/cli/config/schema.ts";
import { statements } from "../../modules.ts";
import { cli, spec, temporaryFolder } from "../../support.ts";

const LAMP = spec(`<method name="SetColour"/><method name="Play"/>`, "org.example.Lamp1");

let folder = "";
beforeEach(async () => {
  folder = await temporaryFolder();
  await write({ "specs/lamp.xml": LAMP });
});

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

const generate = (...argv: readonly string[]) => cli(folder, "generate", ...argv);
const read = (path: string): Promise<string> => readFile(join(folder, path), "utf8");
const BOTH: Config = { specs: ["specs"], out: "out" };
const configured = (config: unknown): Readonly<Record<string, string>> => ({
  "dbus-codegen.config.json": JSON.stringify(config, undefined, 2),
});

describe("a config", () => {
  test.each([
    ["dbus-codegen.config.json", JSON.stringify(BOTH)],
    ["dbus-codegen.config.js", `export default ${JSON.stringify(BOTH)};`],
    ["dbus-codegen.config.mjs", `export default await Promise.resolve(${JSON.stringify(BOTH)});`],
    [
      "dbus-codegen.config.ts",
      `import { type Config, defineConfig } from "dbus-codegen-ts";
       const config: Config = ${JSON.stringify(BOTH)};
       export default defineConfig(config satisfies Config);`,
    ],
  ])("%s", async (name, text) => {
    await write({ [name]: text });
    expect(await generate()).toMatchObject({ code: 0, out: "", err: expect.stringMatching(/^1 written, 0 unch/) });
    expect(await readdir(join(folder, "out"))).toEqual(["org.example.Lamp1.ts"]);
  });

  test("excludes files and folders of specs, as the flag does", async () => {
    const broken = spec(`<method name="1"/>`, "org.example.Broken1");
    await write({ "specs/broken.xml": broken, "specs/vendor/old/broken.xml": broken });
    expect((await generate("specs", "-o", "out")).code).toBe(1);
    const flags = ["--exclude", "specs/broken.xml", "--exclude", "./specs/vendor/"];
    expect(await generate("specs", "-o", "out", ...flags)).toMatchObject({
      code: 0,
      err: expect.stringMatching(/^1 wr/),
    });
    await write({ ...configured({ ...BOTH, exclude: ["specs/vendor"] }) });
    expect(await generate("--exclude", "specs/broken.xml")).toMatchObject({
      code: 0,
      err: expect.stringMatching(/^0 wr/),
    });
    expect((await cli(folder, "lint", "--exclude", "specs/broken.xml")).err).toContain("0 errors");
  });

  test.each(["specs/nix.xml", "spec", "specs/*.xml"])("--exclude %s leaves out no spec", async (name) => {
    const { code, err } = await generate("specs", "-o", "out", "--exclude", name);
    expect([code, err.split(";")[0]?.trim()]).toEqual([2, `dbus-codegen: no spec is excluded by "${name}"`]);
  });

  test.each([
    ["warning", 0, "warning property-name"],
    ["off", 0, ""],
    ["error", 1, "error property-name"],
  ])("sets the severity of warnings: %s", async (setting, code, line) => {
    await write({
      "specs/lamp.xml": spec(`<property name="a-b" type="s" access="read"/>`, "org.example.Lamp1"),
      ...configured({ ...BOTH, rules: { "property-name": setting } }),
    });
    const ran = await generate();
    expect([ran.code, /\w+ property-name/.exec(ran.err)?.[0] ?? ""]).toEqual([code, line]);
  });

  test("has types, and imports from beside it: TypeScript, JSON and packages of Node", async () => {
    await write({
      "dbus-codegen.config.ts": `
        import { basename } from "node:path";
        import { defineConfig } from "dbus-codegen-ts";
        import { out } from "./build/out.ts";
        import { specs } from "./build/specs.js";
        export default defineConfig({ specs, out: basename(out as string) });`,
      "build/out.ts": `export const out: unknown = "/x/made";`,
      "build/specs.ts": `import names from "./names.json" with { type: "json" };\nexport const specs: string[] = names;`,
      "build/names.json": `["specs"]`,
    });
    expect((await generate()).err).toMatch(/^1 written/);
    expect(await readdir(join(folder, "made"))).toEqual(["org.example.Lamp1.ts"]);
  });

  test("is found from a folder below it; its paths are relative to its folder, and paths of messages to the working folder", async () => {
    await write({ ...configured(BOTH), "a/b/c.txt": "" });
    expect((await cli(join(folder, "a/b"), "generate")).code).toBe(0);
    expect(await readdir(join(folder, "out"))).toEqual(["org.example.Lamp1.ts"]);
    await write({ "specs/lamp.xml": spec(`<method name="1"/>`) });
    const { err } = await cli(join(folder, "a/b"), "generate", "--format=plain");
    expect(err).toMatch(/^\.\.\/\.\.\/specs\/lamp\.xml:1:\d+ error name: /);
  });

  test("--config names another one, or none", async () => {
    await write({
      ...configured({ ...BOTH, out: "wrong" }),
      "other/mine.json": JSON.stringify({ specs: ["../specs"], out: "made" }),
    });
    expect((await generate("--config", "other/mine.json")).code).toBe(0);
    expect(await readdir(join(folder, "other/made"))).toEqual(["org.example.Lamp1.ts"]);
    expect(await generate("--config", "none")).toMatchObject({
      code: 2,
      err: expect.stringContaining("name the specs"),
    });
    expect(await generate("--config", "nix.json")).toEqual({
      code: 2,
      out: "",
      err: 'dbus-codegen: there is no config "nix.json"\n',
    });
  });

  test("has a setting for every flag, and flags override it", async () => {
    const config: Config = {
      ...BOTH,
      targets: ["client"],
      importExtension: ".ts",
      runtimeModule: "#dbus",
      rename: { "org.example.Lamp1": "Lamp", "org.example.Lamp1.SetColour": "setColor" },
      annotate: { "*.Play()": { "org.example.Mark": "config" }, "org.example.Lamp1": { "org.example.Own": "1" } },
    };
    await write(configured(config));
    await generate();
    const fromConfig = await read("out/org.example.Lamp1.ts");
    expect(statements(fromConfig).filter((statement) => statement.startsWith("class"))).toEqual(["class LampClient"]);
    for (const part of ['from "#dbus"', "setColor(", '"org.example.Mark": "config"', '"org.example.Own": "1"'])
      expect(fromConfig).toContain(part);
    // biome-ignore format: a flag and its value
    await generate("--config", "none", "specs", "-o", "flags", "--target", "client", "--import-extension", ".ts",
      "--runtime-module", "#dbus", "--rename", "org.example.Lamp1=Lamp", "--rename", "org.example.Lamp1.SetColour=setColor",
      "--annotate", "*.Play() org.example.Mark=config", "--annotate", "org.example.Lamp1 org.example.Own 1");
    expect(await read("flags/org.example.Lamp1.ts")).toBe(fromConfig);
    // biome-ignore format: a flag and its value
    await generate("-o", "both", "--target", "service", "--rename", "org.example.Lamp1.SetColour=paint",
      "--annotate", "*.Play() org.example.Mark=flag");
    const mixed = await read("both/org.example.Lamp1.ts");
    expect(statements(mixed).filter((statement) => statement.startsWith("class"))).toEqual(["class LampService"]);
    for (const part of ['from "#dbus"', "paint(", '"org.example.Mark": "flag"', '"org.example.Own": "1"'])
      expect(mixed).toContain(part);
  });

  test("diagnostics of a rename or annotation have its position in the config or on the command line", async () => {
    await write(configured({ ...BOTH, rename: { "org.example.Lamp1.SetColor": "paint" } }));
    expect(await generate()).toEqual({
      code: 1,
      out: "",
      err: `dbus-codegen.config.json:7:6 error option-unmatched: cannot rename "org.example.Lamp1.SetColor" to "paint": no declaration has this address
  6 |   "rename": {
> 7 |     "org.example.Lamp1.SetColor": "paint"
    |      ^^^^^^^^^^^^^^^^^^^^^^^^^^
  8 |   }
  hint: did you mean org.example.Lamp1.SetColour?

1 error in 1 spec, nothing written
`,
    });
    const { err } = await generate("--config=none", "specs", "-o=out", "--annotate", "a.b.* x.Y=1", "--format=plain");
    expect(err).toMatch(/^<command line>:1:1 error option-unmatched: cannot annotate "a\.b\.\*"/);
  });
});

test("lint takes specs and rules from the config; flags override them", async () => {
  await write(configured({ specs: ["specs"], rules: { docs: "off", "file-name": "off" } satisfies Config["rules"] }));
  expect(await cli(folder, "lint", "--format", "plain")).toMatchObject({ code: 0, out: "" });
  const { code, out } = await cli(folder, "lint", "--format", "plain", "--rule", "undocumented-method=error");
  expect([code, out.match(/error [\w-]+/g)]).toEqual([1, ["error undocumented-method", "error undocumented-method"]]);
  expect((await cli(folder, "lint", "--config", "none")).code).toBe(2);
});

describe("an invalid config is reported with exit code 2", () => {
  test("with all problems: path, value, expected value", async () => {
    await write(
      configured({
        spec: [],
        specs: ["specs/**/*.xml", ""],
        out: 3,
        targets: [],
        importExtension: "mjs",
        runtimeModule: "",
        rename: { "a.b.C": 1 },
        nameElements: 0,
        annotate: { "a.b.C": { "x.Y": true } },
        rules: { docs: "on", "unused-typ": "off" },
      }),
    );
    expect((await generate()).err).toBe(`dbus-codegen: dbus-codegen.config.json:
  specs[0]: "specs/**/*.xml" is not a file or folder; patterns are not expanded: name a folder to read all .xml files below it
  specs[1]: "" is not a file or folder: a text that is not empty
  out: 3 is not a folder: a text that is not empty
  targets: an empty list is not a list of one or more
  importExtension: "mjs" is not one of ".js", ".ts", ""; did you mean ".js"?
  runtimeModule: "" is not the name of a module: a text that is not empty
  rename["a.b.C"]: 1 is not an identifier: a text that is not empty
  nameElements: 0 is not a number from 1
  annotate["a.b.C"]["x.Y"]: true is not the value of an annotation: a text such as "true"
  rules.docs: "on" is not one of "off", "warning", "error"
  rules["unused-typ"]: unknown key; did you mean unused-type?
  spec: unknown key; did you mean specs?
`);
  });

  // biome-ignore format: one case a line
  test.each([
    ["dbus-codegen.config.json", "[1]", "dbus-codegen.config.json: the config: a list is not an object"],
    ["dbus-codegen.config.json", '{ "zzzzzzz": 1 }', "dbus-codegen.config.json: zzzzzzz: unknown key; the keys are specs, overlays, exclude, out, targets"],
    ["dbus-codegen.config.json", '{\n  "specs": ]', "dbus-codegen.config.json: Unexpected token"],
    ["dbus-codegen.config.json", "", "dbus-codegen.config.json: Unexpected end of JSON input"],
    ["dbus-codegen.config.ts", "export const config = {};", "dbus-codegen.config.ts has no default export: write export default defineConfig({ … })"],
    ["dbus-codegen.config.ts", "export default {", "dbus-codegen.config.ts cannot be loaded: Unexpected token"],
    ["dbus-codegen.config.ts", 'import "./nowhere.ts";', "dbus-codegen.config.ts cannot be loaded: Cannot find module './nowhere.ts'"],
    ["dbus-codegen.config.ts", 'throw new Error("no day for configs");', "dbus-codegen.config.ts cannot be loaded: no day for configs"],
    ["dbus-codegen.config.ts", "export default null", "dbus-codegen.config.ts: the config: null is not an object"],
  ])("%s: %s", async (name, text, message) => {
    await write({ [name]: text });
    const ran = await generate();
    expect([ran.code, ran.out, ran.err]).toEqual([2, "", expect.stringContaining(`dbus-codegen: ${message}`)]);
    expect(ran.err.split("\n").length).toBe(2);
  });

  test("two configs in one folder", async () => {
    await write({ ...configured(BOTH), "dbus-codegen.config.ts": "" });
    expect((await generate()).err).toBe(
      "dbus-codegen: there are two configs, dbus-codegen.config.ts and dbus-codegen.config.json: remove one of them\n",
    );
  });

  // biome-ignore format: one case a line
  test.each([
    [{ specs: ["specs"] }, [], "name the output folder: dbus-codegen generate <specs…> -o <folder>, or set it in dbus-codegen.config.json"],
    [{ out: "out" }, [], "name the specs: dbus-codegen generate <specs…> -o <folder>, or set it in dbus-codegen.config.json"],
    [BOTH, ["--target", "clients"], '--target is one of client, service, not "clients"; did you mean client?'],
    [BOTH, ["--rename", "a.b.C"], '--rename is written as org.example.Lamp1.Play=start, not "a.b.C"'],
    [BOTH, ["--annotate", "a.b.C"], "--annotate is written as 'org.example.Lamp1.Play() org.example.Mark=yes', not \"a.b.C\""],
    [BOTH, ["--runtime-module", ""], "--runtime-module needs a value that is not empty"],
    [BOTH, ["--check", "--watch"], "--watch and --check exclude each other"],
    [BOTH, ["--check", "--deps", "d"], "--deps and --check exclude each other"],
    [BOTH, ["--deps-target", "d"], "--deps-target needs --deps"],
  ])("%j %j", async (config, argv, message) => {
    await write(configured(config));
    expect(await generate(...argv)).toEqual({ code: 2, out: "", err: `dbus-codegen: ${message}\n` });
  });
});

test("a key that every object inherits, such as toString, is an unknown key", () => {
  for (const key of ["constructor", "toString", "__proto__x", "hasOwnProperty"])
    expect(checkConfig({ [key]: 1 }).problems?.[0]).toMatch(new RegExp(`^${key}: unknown key`));
  expect(checkConfig(JSON.parse('{ "__proto__": 1 }')).problems).toHaveLength(1);
  for (const setting of ["rename", "annotate"]) {
    const config = JSON.parse(`{ "${setting}": { "__proto__": "x", "a.b.C": 1 } }`);
    expect(checkConfig(config).problems?.toSorted()).toEqual([
      `${setting}.__proto__: the key __proto__ is not possible`,
      expect.stringContaining(`${setting}["a.b.C"]: 1 is not an`),
    ]);
  }
  const config = defineConfig({ rename: JSON.parse('{ "__proto__": "x" }') });
  expect(checkConfig(config).problems).toEqual(["rename.__proto__: the key __proto__ is not possible"]);
});

test.each([
  [{ "org.example.Lamp1": { bus: "system", objects: { "org.example.*": "/lamp" } } }, undefined],
  [{ "not a name": {} }, [expect.stringContaining("not a name")]],
  [
    { "org.example.Lamp1": { bus: "user" } },
    ['services["org.example.Lamp1"].bus: "user" is not one of "session", "system"'],
  ],
  [
    { "org.example.Lamp1": { objects: { "org.example.Lamp1": "$(touch x)" } } },
    [
      'services["org.example.Lamp1"].objects["org.example.Lamp1"]: "$(touch x)" is not an object path, such as /org/example/Lamp',
    ],
  ],
])("of the services %j, it reports %j", (services, problems) => {
  expect(checkConfig({ services }).problems).toEqual(problems);
});
