import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { beforeEach, describe, expect, test } from "vitest";
import { HEADER } from "../../../generator/compiler/print/module-layout.ts";
import { cli, ROOT, spec, temporaryFolder } from "../support.ts";

/** The installed command, which `npm run pretest` builds. */
const BIN = join(ROOT, "generator/bin/dbus-codegen.js");
const GOOD = spec(`<method name="M"/>`);
const BAD = spec(`\n<method name="1"/>`);

let folder = "";
beforeEach(async () => {
  folder = await temporaryFolder();
  await mkdir(join(folder, "specs/deep"), { recursive: true });
  await writeFile(join(folder, "specs/a.xml"), GOOD);
  await writeFile(join(folder, "specs/deep/b.xml"), spec(`<signal name="S"/>`, "a.b.D"));
});

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

const withoutDurations = ({ code, out, err }: Ran): Ran => ({ code, out, err: err.replace(/in \d+ ms/, "in … ms") });

/** Runs the command line in the test's folder, in this process. */
const run = async (...argv: readonly string[]): Promise<Ran> => withoutDurations(await cli(folder, ...argv));

/** Runs the installed command, `dbus-codegen`, in a process. */
async function runProcess(
  { input = "", env = {}, cwd = folder }: { input?: string; env?: Record<string, string>; cwd?: string },
  ...argv: readonly string[]
): Promise<Ran> {
  const plain = { ...process.env, NO_COLOR: undefined, FORCE_COLOR: undefined };
  const child = spawn(process.execPath, [BIN, ...argv], { cwd, env: { ...plain, ...env } });
  child.stdin.end(input);
  const [out, err, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((done) => child.once("close", done)),
  ]);
  return withoutDurations({ code, out, err });
}

const written = async (path = "out"): Promise<readonly string[]> => (await readdir(join(folder, path))).toSorted();
const read = (path: string): Promise<string> => readFile(join(folder, path), "utf8");

describe("generate", () => {
  test("writes a module for each interface, silent on standard output", async () => {
    expect(await runProcess({}, "generate", "specs", "-o", "out")).toEqual({
      code: 0,
      out: "",
      err: "2 written, 0 unchanged in … ms\n",
    });
    expect(await written()).toEqual(["a.b.C.ts", "a.b.D.ts"]);
    expect(await read("out/a.b.C.ts")).toMatch(`${HEADER} from a.xml. Do not edit.\n`);
  });

  test("accepts files and folders, and creates the output folder", async () => {
    const ran = await run("generate", "specs/a.xml", "specs/deep", "--out", "new/out");
    expect([ran.code, await written("new/out")]).toEqual([0, ["a.b.C.ts", "a.b.D.ts"]]);
  });

  test("a second run writes nothing", async () => {
    await run("generate", "specs", "-o", "out");
    const before = await stat(join(folder, "out/a.b.C.ts"), { bigint: true });
    const folderBefore = await stat(join(folder, "out"), { bigint: true });
    expect((await run("generate", "specs", "-o", "out")).err).toBe("0 written, 2 unchanged in … ms\n");
    const after = await stat(join(folder, "out/a.b.C.ts"), { bigint: true });
    expect([after.mtimeNs, after.ino]).toEqual([before.mtimeNs, before.ino]);
    expect((await stat(join(folder, "out"), { bigint: true })).mtimeNs).toBe(folderBefore.mtimeNs);
  });

  test("writes only changed modules", async () => {
    await run("generate", "specs", "-o", "out");
    await writeFile(join(folder, "specs/a.xml"), spec(`<method name="N"/>`));
    expect((await run("generate", "specs", "-o", "out")).err).toBe("1 written, 1 unchanged in … ms\n");
    expect(await read("out/a.b.C.ts")).toContain("n(call?: CallOptions)");
  });

  test("writes nothing if any diagnostic is an error", async () => {
    await run("generate", "specs", "-o", "out");
    await writeFile(join(folder, "specs/a.xml"), spec(`<method name="N"/>`));
    await writeFile(join(folder, "specs/bad.xml"), spec(`\n<method name="1"/>`, "a.b.E"));
    const ran = await run("generate", "specs", "-o", "out");
    expect([ran.code, ran.out]).toEqual([1, ""]);
    expect(ran.err).toContain("specs/bad.xml:2:15 error name");
    expect(ran.err).toMatch(/\n1 error in 3 specs, nothing written\n$/);
    expect(await read("out/a.b.C.ts")).toContain("m(call?: CallOptions)");
    await run("generate", "specs/bad.xml", "-o", "fresh");
    expect(existsSync(join(folder, "fresh"))).toBe(false);
  });

  test("warnings are printed and do not change the exit code", async () => {
    await writeFile(join(folder, "specs/a.xml"), spec(`\n<metod/>`));
    const ran = await run("generate", "specs", "-o", "out");
    expect([ran.code, await written()]).toEqual([0, ["a.b.C.ts", "a.b.D.ts"]]);
    expect(ran.err).toContain("specs/a.xml:2:1 warning unknown-element");
  });

  test("deletes modules whose spec no longer exists, but no file without the generated header", async () => {
    await run("generate", "specs", "-o", "out");
    await rm(join(folder, "specs/deep"), { recursive: true });
    await writeFile(join(folder, "out/mine.ts"), "export {};\n");
    await writeFile(join(folder, "out/notes.md"), `${HEADER}\n`);
    await mkdir(join(folder, "out/sub"));
    expect((await run("generate", "specs", "-o", "out")).err).toBe("0 written, 1 unchanged, 1 deleted in … ms\n");
    expect(await written()).toEqual(["a.b.C.ts", "mine.ts", "notes.md", "sub"]);
  });

  test.each([
    [
      "a node without interfaces",
      { "a.xml": "<node/>" },
      "the specs declare no interface, so all modules would be deleted",
    ],
    [
      "a misspelled element",
      { "a.xml": GOOD.replaceAll("interface", "Interface"), "deep/b.xml": spec("", "a.b.D") },
      "1 module would be deleted, but specs/a.xml has an unknown element: it may be misspelled",
    ],
  ])("deletes no module because of %s, unless forced", async (_, specs, reason) => {
    await run("generate", "specs", "-o", "out");
    await rm(join(folder, "specs/deep/b.xml"));
    for (const [path, content] of Object.entries(specs)) await writeFile(join(folder, "specs", path), content);
    const ran = await run("generate", "specs", "-o", "out");
    expect([ran.code, ran.err.split("\n").slice(-3)]).toEqual([
      2,
      [`dbus-codegen: will not delete modules of out: ${reason}`, "--force deletes them", ""],
    ]);
    expect(await written()).toEqual(["a.b.C.ts", "a.b.D.ts"]);
    expect((await run("generate", "specs", "-o", "out", "--force")).code).toBe(0);
    expect(await written()).not.toContain("a.b.C.ts");
  });

  test("refuses to write over a file that it did not generate", async () => {
    await mkdir(join(folder, "out"));
    await writeFile(join(folder, "out/a.b.C.ts"), "export const mine = 1;\n");
    expect(await run("generate", "specs", "-o", "out")).toEqual({
      code: 2,
      out: "",
      err: "dbus-codegen: will not write out/a.b.C.ts: it exists and was not generated\n",
    });
    expect([await written(), await read("out/a.b.C.ts")]).toEqual([["a.b.C.ts"], "export const mine = 1;\n"]);
  });

  test("works from any folder, and names files relative to it", async () => {
    await writeFile(join(folder, "specs/a.xml"), BAD);
    const cwd = join(folder, "specs/deep");
    const ran = await runProcess({ cwd }, "generate", "..", "-o", "../../out", "--format", "plain");
    expect([ran.code, ran.out]).toEqual([1, ""]);
    expect(ran.err).toMatch(/^\.\.\/a\.xml:2:15 error name: /);
    await writeFile(join(folder, "specs/a.xml"), GOOD);
    expect((await cli(cwd, "generate", "..", "-o", "../../out")).code).toBe(0);
    const fromDeep = await read("out/a.b.C.ts");
    const fromRoot = await cli("/", "generate", join(folder, "specs"), "-o", join(folder, "out"));
    expect(withoutDurations(fromRoot).err).toBe("0 written, 2 unchanged in … ms\n");
    expect(await read("out/a.b.C.ts")).toBe(fromDeep);
  });

  test("- is standard input", async () => {
    expect((await runProcess({ input: GOOD }, "generate", "-", "-o", "out")).code).toBe(0);
    expect(await written()).toEqual(["a.b.C.ts"]);
    const ran = await runProcess({ input: BAD }, "generate", "-", "-o", "out", "--format=plain");
    expect([ran.code, ran.err.split(":", 3)]).toEqual([1, ["<stdin>", "2", "15 error name"]]);
  });

  test("follows includes", async () => {
    const all = `<node xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="deep/b.xml"/></node>`;
    await writeFile(join(folder, "specs/all.xml"), all);
    expect((await run("generate", "specs/all.xml", "-o", "out")).code).toBe(0);
    expect(await written()).toEqual(["a.b.D.ts"]);
    await rm(join(folder, "specs/deep/b.xml"));
    const ran = await run("generate", "specs/all.xml", "-o", "out", "--format=plain");
    expect([ran.code, ran.err]).toEqual([
      1,
      expect.stringContaining('error include: the included file "specs/deep/b.xml" is not among the given files'),
    ]);
  });

  test("--import-extension sets the ending of imports between modules", async () => {
    const errors = `<tp:errors xmlns:tp="http://telepathy.freedesktop.org/wiki/DbusSpec#extensions-v0" namespace="a.E"><tp:error name="No"/></tp:errors>`;
    await writeFile(join(folder, "specs/errors.xml"), errors);
    const raises = `<method name="M"><tp:possible-errors><tp:error name="a.E.No"/></tp:possible-errors></method>`;
    await writeFile(join(folder, "specs/a.xml"), spec(raises));
    for (const [flag, want] of [
      ["", "./a.E.js"],
      ["--import-extension=.ts", "./a.E.ts"],
      ["--import-extension=none", "./a.E"],
    ] as const) {
      await run("generate", "specs", "-o", "out", ...(flag === "" ? [] : [flag]));
      expect(await read("out/a.b.C.ts")).toContain(`from "${want}"`);
    }
  });
});

describe("--check", () => {
  test("exits with 0 and prints no diff if all modules are up to date", async () => {
    await run("generate", "specs", "-o", "out");
    expect(await run("generate", "specs", "-o", "out", "--check")).toEqual({
      code: 0,
      out: "",
      err: "2 files up to date\n",
    });
  });

  test("prints a diff of the files to create, change and delete, and writes nothing", async () => {
    await run("generate", "specs", "-o", "out");
    await writeFile(join(folder, "specs/a.xml"), spec(`<method name="N"/>`));
    await rm(join(folder, "specs/deep/b.xml"));
    await writeFile(join(folder, "specs/c.xml"), spec("", "a.b.E"));
    const before = await Promise.all((await written()).map((name) => read(`out/${name}`)));
    const { code, out, err } = await run("generate", "specs", "-o", "out", "--check");
    expect([code, err]).toEqual([1, "3 files of out would change; run dbus-codegen generate\n"]);
    expect(out.match(/^(?:---|\+\+\+|[-+] {2}(?:methods|name)).*/gm)).toEqual([
      "--- out/a.b.C.ts",
      "+++ out/a.b.C.ts",
      '-  methods: { m: { name: "M", in: [], out: [] } },',
      '+  methods: { n: { name: "N", in: [], out: [] } },',
      "--- out/a.b.D.ts",
      "+++ /dev/null",
      '-  name: "a.b.D",',
      "--- /dev/null",
      "+++ out/a.b.E.ts",
      '+  name: "a.b.E",',
    ]);
    expect(await Promise.all((await written()).map((name) => read(`out/${name}`)))).toEqual(before);
  });

  test("does not create the output folder", async () => {
    expect((await run("generate", "specs", "-o", "out", "--check")).code).toBe(1);
    expect(existsSync(join(folder, "out"))).toBe(false);
  });
});

test("--dry-run prints the number of files to write, and writes nothing", async () => {
  expect(await run("generate", "specs", "-o", "out", "--dry-run")).toEqual({
    code: 0,
    out: "",
    err: "2 to write, 0 unchanged in … ms\n",
  });
  expect(existsSync(join(folder, "out"))).toBe(false);
});

describe("--format", () => {
  beforeEach(() => writeFile(join(folder, "specs/a.xml"), BAD));

  test("plain is one line for each diagnostic", async () => {
    const { err } = await run("generate", "specs", "-o", "out", "--format", "plain");
    expect(err.split("\n", 1)).toEqual([
      'specs/a.xml:2:15 error name: "1" is not a method name: letters, digits and underscores, not starting with a digit',
    ]);
  });

  test("github is one workflow command for each diagnostic", async () => {
    const { err } = await run("generate", "specs", "-o", "out", "--format", "github");
    expect(err).toMatch(/^::error file=specs\/a\.xml,line=2,col=15,title=name::"1" is not/);
  });

  test("json is one document on standard output, of errors and of steps", async () => {
    const failed = await run("generate", "specs", "-o", "out", "--format", "json");
    expect(JSON.parse(failed.out)).toMatchObject({
      version: 1,
      mode: "write",
      files: [],
      diagnostics: [
        { file: "specs/a.xml", line: 2, column: 15, endLine: 2, endColumn: 16, code: "name", severity: "error" },
      ],
    });
    await writeFile(join(folder, "specs/a.xml"), GOOD);
    const fine = await run("generate", "specs", "-o", "out", "--format", "json", "--check");
    expect(JSON.parse(fine.out)).toEqual({
      version: 1,
      mode: "check",
      files: [
        { path: "a.b.C.ts", change: "create" },
        { path: "a.b.D.ts", change: "create" },
      ],
      diagnostics: [],
    });
  });

  test("sarif is one log on standard output, also of a comparison", async () => {
    const failed = await run("generate", "specs", "-o", "out", "--format", "sarif");
    expect(JSON.parse(failed.out)).toMatchObject({
      version: "2.1.0",
      runs: [
        {
          tool: { driver: { rules: [{ id: "name", help: { text: expect.any(String) } }] } },
          results: [
            {
              ruleId: "name",
              level: "error",
              locations: [
                {
                  physicalLocation: {
                    artifactLocation: { uri: "specs/a.xml" },
                    region: { startLine: 2, startColumn: 15, endLine: 2, endColumn: 16 },
                  },
                },
              ],
            },
          ],
        },
      ],
    });
    expect(failed.err).toBe("1 error in 2 specs, nothing written\n");
    await writeFile(join(folder, "specs/a.xml"), GOOD);
    const stale = await run("generate", "specs", "-o", "out", "--format", "sarif", "--check");
    expect(stale.code).toBe(1);
    expect(JSON.parse(stale.out)).toMatchObject({ runs: [{ results: [] }] });
  });

  test("colour: none on a pipe, enabled by FORCE_COLOR, disabled by NO_COLOR", async () => {
    const colours = async (env: Record<string, string>): Promise<boolean> =>
      (await runProcess({ env }, "generate", "specs", "-o", "out")).err.includes("\u001B[");
    expect(await colours({})).toBe(false);
    expect(await colours({ FORCE_COLOR: "1" })).toBe(true);
    expect(await colours({ FORCE_COLOR: "1", NO_COLOR: "1" })).toBe(false);
  });
});

describe("wrong usage: one line, exit code 2, nothing written", () => {
  // biome-ignore format: one case a line
  test.each([
    [["generate"], "name the specs"],
    [["generate", "specs"], "name the output folder"],
    [["generate", "nowhere.xml", "-o", "out"], 'there is no file or folder "nowhere.xml"'],
    [["generate", "empty", "-o", "out"], 'there is no .xml file in "empty"'],
    [["generate", "specs", "-o", "out", "--check", "--dry-run"], "--check and --dry-run exclude each other"],
    [["generate", "specs", "-o", "out", "--format", "xml"], '--format is one of frame, plain, json, github, sarif, not "xml"'],
    [["generate", "specs", "-o", "out", "--import-extension", "mjs"], '--import-extension is one of .js, .ts, none, not "mjs"'],
    [["generate", "specs", "-o", "out", "--chek"], "--chek is not a flag of this command; did you mean --check?"],
    [["lint", "-z"], "-z is not a flag of this command; the flags are --rule, --max-warnings,"],
    [["generate", "specs", "-o"], "--out needs a value"],
    [["generate", "specs", "-o", "out", "--check=1"], "--check takes no value"],
    [["help", "generat"], '"generat" is not a command; did you mean generate?'],
    [["introspect", "a.b", "--bus", "unix:path=/nix"], 'cannot connect to the bus at unix:path=/nix: it does not exist'],
    [["introspect", "a.b", "--bus", "tcp:host=host.invalid,port=1"], "at tcp:host=host.invalid,port=1: the host name "],
    [["introspect", "a.b", "--bus", "unix:abstract=nix"], "at unix:abstract=nix: nothing listens there"],
    [["introspect", "a.b", "--bus", "sesion"], '--bus: bus address "sesion" is not of the form transport:key=value,…; did you mean session?'],
    [["generate", "specs", "-o", "out", "--format", "jsn"], '--format is one of frame, plain, json, github, sarif, not "jsn"; did you mean json?'],
    [["hlp"], '"hlp" is not a command; did you mean help?'],
    [["generate", "specs", "-o", "/proc/nix"], 'cannot access "/proc/nix": it does not exist'],
    [["generate", "specs", "-o", "/proc/nix/nix"], 'cannot access "/proc/nix": it does not exist'],
    [["genrate", "specs", "-o", "out"], '"genrate" is not a command; did you mean generate?'],
    [["generate", "specs", "-o", ""], "--out needs a value that is not empty"],
    [["generate", "specs", "-o", "specs/a.xml"], "a.xml\": it is not a folder"],
  ])("%j", async (argv, message) => {
    await mkdir(join(folder, "empty"));
    const ran = await run(...argv);
    expect([ran.code, ran.out]).toEqual([2, ""]);
    expect(ran.err).toMatch(/^dbus-codegen: .*\n$/);
    expect(ran.err).toContain(message);
    expect(existsSync(join(folder, "out"))).toBe(false);
  });

  test("in a process", async () => {
    expect(await runProcess({}, "generate", "specs")).toEqual(await run("generate", "specs"));
  });
});

test("--help lists the commands and exit codes; without arguments it is shown too, with exit code 2", async () => {
  const help = await runProcess({}, "--help");
  expect([help.code, help.err]).toEqual([0, ""]);
  for (const word of ["generate", "Exit code: 0 success, 1 findings"]) expect(help.out).toContain(word);
  expect(Math.max(...help.out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(110);
  expect(await runProcess({})).toEqual({ code: 2, out: help.out, err: "" });
  expect(await run("-h")).toEqual(help);
  for (const argv of [["help"], ["help", "help"], ["help", "--help"]]) expect(await run(...argv)).toEqual(help);
});

test("help names the flags of a command, in any order", async () => {
  const help = await run("lint", "--help");
  expect(help.out).toContain("--max-warnings");
  for (const argv of [
    ["help", "lint"],
    ["--help", "lint"],
    ["help", "--help", "lint"],
  ])
    expect(await run(...argv)).toEqual(help);
});

test("the --help of a command names its flags and an example that works", async () => {
  const help = await run("generate", "--help");
  expect([help.code, help.err]).toEqual([0, ""]);
  const flags = ["--out", "--check", "--dry-run", "--format", "--import-extension", "--help", "--version"];
  for (const word of [...flags, "dbus-codegen generate specs -o generated"]) expect(help.out).toContain(word);
  expect(Math.max(...help.out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(110);
});

test("--version is that of the package", async () => {
  const { version } = JSON.parse(await readFile(join(ROOT, "generator/package.json"), "utf8"));
  expect(await runProcess({}, "--version")).toEqual({ code: 0, out: `${version}\n`, err: "" });
});
