import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { cli, spec, temporaryFolder } from "../../support.ts";

const LAMP = spec(`<property name="Settings" type="a{sv}" access="read"/>`, "org.example.Lamp1");
const OVERLAY = spec(
  `<dct:dictionary name="Lamp_Settings"><dct:key name="Level" type="y"/></dct:dictionary><property name="Settings" tp:type="Lamp_Settings"/>`,
  "org.example.Lamp1",
).replace("<node ", '<node dct:overlay="org.example.Lamp1" ');
const QUIET = ["--rule", "docs=off", "--rule", "design=off", "--rule", "naming=off"];

let folder = "";
const write = async (path: string, text: string): Promise<void> => {
  await mkdir(join(folder, path, ".."), { recursive: true });
  await writeFile(join(folder, path), text);
};
const run = (...argv: readonly string[]): ReturnType<typeof cli> => cli(folder, ...argv);
const generated = (): Promise<string> => readFile(join(folder, "out/org.example.Lamp1.ts"), "utf8");

beforeEach(async () => {
  folder = await temporaryFolder();
  await write("specs/lamp.xml", LAMP);
  await write("overlays/lamp.xml", OVERLAY);
});

describe("an overlay applies to", () => {
  test("generate, by the flag --overlay", async () => {
    expect((await run("generate", "specs", "--overlay", "overlays/lamp.xml", "-o", "out")).code).toBe(0);
    expect(await generated()).toContain("readonly settings: LampSettings;");
  });

  test("generate, by the config, and --check then finds no difference", async () => {
    const config = { specs: ["../specs"], overlays: ["../overlays"], out: "../out" };
    await write("config/dbus-codegen.config.json", JSON.stringify(config));
    const flags = ["--config", "config/dbus-codegen.config.json"];
    expect((await run("generate", ...flags)).code).toBe(0);
    expect(await generated()).toContain("readonly settings: LampSettings;");
    expect((await run("generate", ...flags, "--check")).code).toBe(0);
  });

  test("specs of the command line, by the config", async () => {
    await write("dbus-codegen.config.json", JSON.stringify({ overlays: ["overlays"] }));
    expect((await run("generate", "specs", "-o", "out")).code).toBe(0);
    expect(await generated()).toContain("readonly settings: LampSettings;");
  });

  test("specs of the same folder, without flag and config", async () => {
    await write("specs/lamp.overlay.xml", OVERLAY);
    expect((await run("generate", "specs", "-o", "out")).code).toBe(0);
    expect(await generated()).toContain("readonly settings: LampSettings;");
  });

  test("lint", async () => {
    expect((await run("lint", "specs", ...QUIET, "--format", "plain")).out).toContain("undeclared-dictionary");
    expect(await run("lint", "specs", "--overlay", "overlays", ...QUIET, "--min-dictionaries", "100")).toEqual({
      code: 0,
      out: "",
      err: "0 errors, 0 warnings\nthe keys of 1 of 1 dictionaries are declared: 100 %\n",
    });
  });

  test("docs", async () => {
    const args = ["docs", "specs", "--overlay", "overlays", "-o", "docs", "--format", "markdown"];
    expect((await run(...args)).code).toBe(0);
    expect(await readFile(join(folder, "docs/org.example.Lamp1.md"), "utf8")).toContain(
      "Lamp_Settings".replace("_", "\\_"),
    );
  });

  test("both versions that breaking compares, unless the earlier one has overlays", async () => {
    await write("before/lamp.xml", LAMP);
    const args = ["breaking", "specs", "--overlay", "overlays", "--against", "before", "--format", "plain"];
    expect((await run(...args)).out).toBe("");
    await write("before/lamp.overlay.xml", OVERLAY.replace('type="y"', 'type="u"'));
    expect(await run(...args)).toMatchObject({ code: 1, out: expect.stringContaining("dictionary-key-type") });
  });
});

describe("an overlay is refused", () => {
  test("if it is a spec", async () => {
    const { code, err } = await run(
      "generate",
      "specs",
      "--overlay",
      "specs/lamp.xml",
      "-o",
      "out",
      "--format",
      "plain",
    );
    expect([code, err.split("\n")[0]]).toEqual([
      1,
      "specs/lamp.xml:1:1 error option-overlay: the file is used as an overlay, but it is a spec",
    ]);
  });

  test("if there is no such file", async () => {
    const { code, err } = await run("generate", "specs", "--overlay", "none.xml", "-o", "out");
    expect([code, err]).toEqual([2, 'dbus-codegen: there is no file or folder "none.xml"\n']);
  });

  test("if it contradicts the spec, with both positions", async () => {
    await write(
      "overlays/lamp.xml",
      OVERLAY.replace('<property name="Settings"', '<property name="Settings" type="a{ss}"'),
    );
    const { code, err } = await run("generate", "specs", "--overlay", "overlays", "-o", "out");
    expect(code).toBe(1);
    expect(err).toContain('error overlay-mismatch: the type of the property Settings is "a{sv}", not "a{ss}"');
    expect(err).toContain("  specs/lamp.xml:1:192 declared here");
  });
});

test("notes about an overlay are counted separately by lint", async () => {
  await write("overlays/lamp.xml", OVERLAY.replace("<property", '<method name="Later"/><property'));
  const { code, err } = await run("lint", "specs", "--overlay", "overlays", ...QUIET, "--max-warnings", "0");
  expect([code, err]).toEqual([0, "0 errors, 0 warnings, 1 note\n"]);
});
