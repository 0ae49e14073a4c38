import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { beforeEach, describe, expect, test } from "vitest";
import { depsFile } from "../../../../generator/compiler/write/dependency-file.ts";
import { cli, ROOT, spec, temporaryFolder } from "../../support.ts";

const run = promisify(execFile);
const BIN = join(ROOT, "generator/bin/dbus-codegen.js");
const hasNinja = existsSync("/usr/bin/ninja");
const INCLUDES = `<node xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="parts/fan.xml"/></node>`;

let folder = "";
beforeEach(async () => {
  folder = await temporaryFolder();
  await write("specs/lamp.xml", spec("", "org.example.Lamp1"));
});

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), text);
}

/** Makes a file newer than all others. */
async function touch(path: string): Promise<void> {
  touched += 10_000;
  const later = new Date(Date.now() + touched);
  await utimes(join(folder, path), later, later);
}
let touched = 0;

test("--deps lists the specs, what they include, their folders and the config, for all modules", async () => {
  await write("more/all.xml", INCLUDES);
  await write("more/parts/fan.xml", spec("", "org.example.Fan1"));
  await write(
    "dbus-codegen.config.mjs",
    `import "./own.js"; export default { specs: ["specs", "more/all.xml"], out: "out" };`,
  );
  await write("own.js", "");
  expect((await cli(folder, "generate", "--deps", "build/out.d")).code).toBe(0);
  expect(await readFile(join(folder, "build/out.d"), "utf8")).toBe(`out/org.example.Fan1.ts \\
out/org.example.Lamp1.ts: \\
  dbus-codegen.config.mjs \\
  own.js \\
  specs/lamp.xml \\
  more/all.xml \\
  more/parts/fan.xml \\
  specs
dbus-codegen.config.mjs:
own.js:
specs/lamp.xml:
more/all.xml:
more/parts/fan.xml:
specs:
`);
  expect((await cli(folder, "generate", "--deps", "d", "--deps-target", "out/.stamp")).code).toBe(0);
  expect(await readFile(join(folder, "d"), "utf8")).toMatch(/^out\/\.stamp: \\\n/);
});

test("--deps lists overlays and their folders", async () => {
  const overlay = spec("<tp:docstring>A lamp.</tp:docstring>", "org.example.Lamp1");
  await write("overlays/lamp.xml", overlay.replace("<node ", '<node dct:overlay="org.example.Lamp1" '));
  const argv = ["generate", "specs/lamp.xml", "--overlay", "overlays", "-o", "out", "--deps", "d"];
  expect((await cli(folder, ...argv)).code).toBe(0);
  expect(await readFile(join(folder, "d"), "utf8")).toBe(`out/org.example.Lamp1.ts: \\
  specs/lamp.xml \\
  overlays/lamp.xml \\
  overlays
specs/lamp.xml:
overlays/lamp.xml:
overlays:
`);
});

test("nothing is written after an error, and a path that make cannot represent is an error", async () => {
  await write("specs/lamp.xml", spec(`<method name="1"/>`));
  expect((await cli(folder, "generate", "specs", "-o", "out", "--deps", "d")).code).toBe(1);
  expect(existsSync(join(folder, "d"))).toBe(false);
  await write("odd/a;b.xml", spec(""));
  expect(await cli(folder, "generate", "odd", "-o", "out", "--deps", "d")).toEqual({
    code: 2,
    out: "",
    err: 'dbus-codegen: --deps: a dependency file cannot contain the path "odd/a;b.xml"\n',
  });
  expect(existsSync(join(folder, "out"))).toBe(false);
});

/** Names with all characters that have a meaning for make. */
const ODD = [
  "a b",
  "hash#",
  "dollar$x",
  "colon:x",
  "per%cent",
  "st*r",
  "qu?stion",
  "br[a]cket",
  "pi|pe",
  "back\\slash",
  "back\\ blank",
  "~tilde",
  "(p)&'q'",
];

describe("make", () => {
  const make = async (): Promise<string> => (await run("make", [], { cwd: folder })).stdout;

  test.each(ODD)("gets a dependency on a file named %s", async (name) => {
    await write(`${name}.xml`, "");
    await write("d", depsFile(["out put"], [`${name}.xml`]));
    await write("Makefile", "out\\ put:\n\t@echo made; touch 'out put'\n-include d\n");
    await touch(`${name}.xml`);
    expect(await make()).toBe("made\n");
    await touch("out put");
    expect(await make()).toContain("up to date");
    await touch(`${name}.xml`);
    expect(await make()).toBe("made\n");
    await touch("out put");
    await rm(join(folder, `${name}.xml`));
    expect(await make()).toBe("made\n");
  });

  test("runs the generator when an included file changes, or a spec comes or goes", async () => {
    await write("specs/all.xml", INCLUDES);
    await write("specs/parts/fan.xml", spec("", "org.example.Fan1"));
    await write(
      "Makefile",
      `out/.stamp:\n\t@"${process.execPath}" "${BIN}" generate specs -o out --deps out.d --deps-target $@ 2>/dev/null && echo made && touch $@\n-include out.d\n`,
    );
    expect(await make()).toBe("made\n");
    await touch("out/.stamp");
    expect(await make()).toContain("up to date");
    await touch("specs/parts/fan.xml");
    expect(await make()).toBe("made\n");
    await touch("out/.stamp");
    await write("specs/parts/new.xml", spec("", "org.example.New1"));
    await touch("specs/parts");
    expect(await make()).toBe("made\n");
    expect(existsSync(join(folder, "out/org.example.New1.ts"))).toBe(true);
    await touch("out/.stamp");
    await rm(join(folder, "specs/parts/new.xml"));
    expect(await make()).toBe("made\n");
    expect(existsSync(join(folder, "out/org.example.New1.ts"))).toBe(false);
  });
});

describe.skipIf(!hasNinja)("ninja", () => {
  const ninja = async (): Promise<string> => (await run("ninja", ["-d", "explain"], { cwd: folder })).stdout;

  test("runs the generator when an included file changes", async () => {
    await write("specs/all.xml", INCLUDES);
    await write("specs/parts/fan.xml", spec("", "org.example.Fan1"));
    await write("specs/a b#$c.xml", spec("", "org.example.Odd1"));
    const command = `"${process.execPath}" "${BIN}" generate specs -o out --deps $out.d --deps-target $out && touch $out`;
    await write(
      "build.ninja",
      `rule generate\n  command = ${command}\n  depfile = $out.d\n  deps = gcc\nbuild stamp: generate\n`,
    );
    expect(await ninja()).toContain("[1/1]");
    expect(await ninja()).toContain("no work to do");
    for (const path of ["specs/parts/fan.xml", "specs/a b#$c.xml"]) {
      await touch(path);
      expect(await ninja()).toContain("[1/1]");
      await touch("stamp");
    }
  });
});
