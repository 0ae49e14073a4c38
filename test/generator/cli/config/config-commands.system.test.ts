import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { shellWord } from "../../../../generator/compiler/text/escape.ts";
import { cli, ROOT, spec, temporaryFolder } from "../../support.ts";

const PLAY = `<method name="Play"/>`;
const LEVEL = `<property name="Level" type="y" access="read"/>`;
const CONFIG = {
  specs: ["specs"],
  out: "out",
  targets: ["client"],
  rename: { "org.example.Lamp1.Play": "start" },
  annotate: {
    "org.example.Lamp1.Play()": { "org.freedesktop.DBus.Deprecated": "true" },
    "org.example.Lamp1:Level": { "org.freedesktop.DBus.Property.EmitsChangedSignal": "const" },
    "org.example.Gone1.*()": { "org.freedesktop.DBus.Deprecated": "true" },
  },
  rules: { docs: "off", "deprecated-without-replacement": "error", "unknown-attribute": "off" },
};

let folder = "";
beforeEach(async () => {
  folder = await temporaryFolder();
  for (const [path, text] of Object.entries({
    "dbus-codegen.config.json": JSON.stringify(CONFIG),
    "specs/org.example.Lamp1.xml": spec(PLAY + LEVEL, "org.example.Lamp1"),
    "before/org.example.Lamp1.xml": spec(LEVEL, "org.example.Lamp1"),
  })) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
});

const run = (...argv: readonly string[]) => cli(folder, ...argv);

describe("every command that reads specs takes settings from the config unless a flag gives them", () => {
  test("docs: specs, names and annotations", async () => {
    expect((await run("docs", "-o", "site", "--format", "markdown")).code).toBe(0);
    const page = await readFile(join(folder, "site/org.example.Lamp1.md"), "utf8");
    expect(page).toContain("TypeScript: `start(call?: CallOptions): Promise<void>`");
    expect(page).toContain("deprecated");
  });

  test("lint: specs, rules and annotations", async () => {
    const { code, out } = await run("lint", "--format", "plain");
    expect([code, out]).toEqual([1, expect.stringMatching(/^specs.*error deprecated-without-replacement: .*\n$/)]);
  });

  test.each([
    [[], 0, "note method-added: compatible"],
    [["--target", "both"], 1, "error method-added: breaks services in TypeScript"],
  ])("breaking %j: specs and targets", async (flags, code, line) => {
    const ran = await run("breaking", "--against", "before", "--format", "plain", ...flags);
    expect([ran.code, ran.out]).toEqual([code, expect.stringContaining(line)]);
  });

  test.each([
    [[], 0],
    [["--config", "none", "--spec", "specs"], 1],
  ])("mock and conform %j: specs and annotations", async (flags, code) => {
    const program = [process.execPath, join(ROOT, "generator/bin/dbus-codegen.js")].map(shellWord).join(" ");
    const conform = `${program} conform org.example.Lamp1 /org/example/Lamp1 ${flags.join(" ")} >conform.log 2>&1`;
    expect((await run("mock", "--run", conform)).code).toBe(code);
    const report = await readFile(join(folder, "conform.log"), "utf8");
    const difference = 'Level: the annotation EmitsChangedSignal is "const", not "true"';
    expect(report.includes(difference)).toBe(code === 1);
  });

  test("only generate reports overrides that match nothing, because other commands may read only some of the specs", async () => {
    expect(await run("generate")).toMatchObject({ code: 1, err: expect.stringContaining("option-unmatched") });
    expect((await run("lint", "--rule", "deprecated-without-replacement=off")).err).toBe("0 errors, 0 warnings\n");
  });

  test.each([["docs", "-o", "site"], ["lint"], ["breaking", "--against", "before"], ["mock"]])(
    "%s without specs reports where they can be named",
    async (...argv) => {
      const { code, err } = await run(...argv, "--config", "none");
      expect([code, err]).toEqual([
        2,
        expect.stringMatching(/: name the specs: dbus-codegen .*, or write dbus-codegen/),
      ]);
    },
  );
});
