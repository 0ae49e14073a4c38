import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { at, cli, spec, temporaryFolder } from "../../support.ts";

let folder = "";
beforeEach(async () => {
  folder = await temporaryFolder();
  await mkdir(join(folder, "specs"));
  await writeFile(join(folder, "specs/a.b.C1.xml"), spec(`\n<method name="m"/>\n`, "a.b.C1"));
});

const lint = (...argv: readonly string[]): ReturnType<typeof cli> => cli(folder, "lint", ...argv);

const SILENT = ["--rule", "docs=off"];

describe("dbus-codegen lint", () => {
  test("writes findings to standard output and their number to standard error", async () => {
    expect(await lint("specs", ...SILENT)).toEqual({
      code: 0,
      out: `specs/a.b.C1.xml:2:15 warning member-name: the method name "m" is not in CamelCase
  1 | ${spec("", "a.b.C1").replace("</interface></node>", "").slice(80)}
> 2 | <method name="m"/>
    |               ^
  3 | </interface></node>
  hint: write M

`.replace(/ {2}1 \|.*\n/, `  1 | ${spec("", "a.b.C1").replace("</interface></node>", "").slice(0, 120)}\n`),
      err: "0 errors, 1 warning\n",
    });
  });

  test("exits with 1 for errors in specs and for rules that are set to error", async () => {
    expect(await lint("specs", ...SILENT, "--rule=naming=error", "--format=plain")).toEqual({
      code: 1,
      out: 'specs/a.b.C1.xml:2:15 error member-name: the method name "m" is not in CamelCase\n',
      err: "1 error, 0 warnings\n",
    });
    await writeFile(join(folder, "specs/bad.xml"), "<node");
    const { code, out } = await lint("specs", "--format=plain");
    expect([code, out]).toEqual([1, expect.stringMatching(/^specs\/bad\.xml:1:6 error xml-syntax: .*\n$/)]);
  });

  test("--max-warnings limits the warnings of a successful run", async () => {
    expect((await lint("specs", ...SILENT, "--max-warnings=1")).code).toBe(0);
    expect((await lint("specs", ...SILENT, "--max-warnings=0")).code).toBe(1);
  });

  test("--format github writes workflow commands", async () => {
    expect((await lint("specs", ...SILENT, "--format=github")).out).toBe(
      '::warning file=specs/a.b.C1.xml,line=2,col=15,title=member-name::the method name "m" is not in CamelCase%0Ahint: write M\n',
    );
  });

  test("--format json writes positions and hints", async () => {
    const { out } = await lint("specs", ...SILENT, "--format=json");
    expect(JSON.parse(out)).toEqual({
      version: 1,
      diagnostics: [
        {
          code: "member-name",
          severity: "warning",
          message: 'the method name "m" is not in CamelCase',
          hint: "write M",
          file: "specs/a.b.C1.xml",
          line: 2,
          column: 15,
          endLine: 2,
          endColumn: 16,
        },
      ],
    });
  });

  test("--format sarif writes documented rules, regions and URIs", async () => {
    await writeFile(join(folder, "specs/a b:c.xml"), spec(`<method name="then"/>`, "a.b.D1"));
    const { out } = await lint("specs", ...SILENT, "--format=sarif");
    const log: unknown = JSON.parse(out);
    expect([at(log, "version"), at(log, "$schema")]).toEqual([
      "2.1.0",
      "https://json.schemastore.org/sarif-2.1.0.json",
    ]);
    const run = at(log, "runs", "0");
    expect(at(run, "tool", "driver")).toMatchObject({
      name: "dbus-codegen",
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      rules: [
        { id: "file-name" },
        {
          id: "member-name",
          shortDescription: { text: "The name of a method, signal or property is not in CamelCase" },
          fullDescription: { text: expect.stringContaining("in CamelCase by convention") },
          help: { text: expect.stringContaining("Write each word with a capital letter") },
        },
        { id: "renamed" },
      ],
    });
    expect(at(run, "results", "0")).toMatchObject({
      ruleId: "file-name",
      ruleIndex: 0,
      level: "warning",
      locations: [{ physicalLocation: { artifactLocation: { uri: "specs/a%20b%3Ac.xml" }, region: { startLine: 1 } } }],
    });
    expect(at(run, "results", "3")).toEqual({
      ruleId: "member-name",
      ruleIndex: 1,
      level: "warning",
      message: { text: 'the method name "m" is not in CamelCase\n\nhint: write M' },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: "specs/a.b.C1.xml" },
            region: { startLine: 2, startColumn: 15, endLine: 2, endColumn: 16 },
          },
        },
      ],
    });
  });

  // biome-ignore format: each case is a table row
  test.each([
    [[], "name the specs: dbus-codegen lint [specs…]"],
    [["specs", "--rule", "member-nam=off"], '"member-nam" is not a rule; did you mean member-name? "dbus-codegen explain" lists them'],
    [["specs", "--rule", "signature=off"], '"signature" is not a rule;'],
    [["specs", "--rule", "docs"], "--rule docs is set to one of off, warning, error, as in --rule docs=off"],
    [["specs", "--rule", "docs=loud"], "--rule docs is set to one of off, warning, error"],
    [["specs", "--max-warnings", "many"], '--max-warnings is a number of warnings, not "many"'],
    [["specs", "--format", "xml"], "--format is one of frame, plain, json, github, sarif"],
  ])("rejects the arguments %j", async (argv, message) => {
    const { code, out, err } = await lint(...argv);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(`dbus-codegen: ${message}`);
  });
});
