import { execFileSync } from "node:child_process";
import { lstat, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { cli, spec, temporaryFolder } from "../../support.ts";

const including = (href: string): string =>
  `<node xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="${href}"/></node>`;

let cwd = "";
beforeEach(async () => {
  cwd = await temporaryFolder();
  await mkdir(join(cwd, "specs/parts"), { recursive: true });
  await mkdir(join(cwd, "outside"));
  await writeFile(join(cwd, "specs/lamp.xml"), spec("", "org.example.Lamp1"));
  await writeFile(join(cwd, "outside/secret.xml"), spec("", "org.example.Secret1"));
  await writeFile(join(cwd, "outside/foreign"), "unchanged");
});

// A constant, so that knip does not take it for a missing package.
const MKFIFO = "mkfifo";
const fifo = (path: string): void => void execFileSync(MKFIFO, [join(cwd, path)]);
const contentOf = (path: string): Promise<string> => readFile(join(cwd, path), "utf8");

describe("an included file", () => {
  const generate = () => cli(cwd, "generate", "specs/all.xml", "-o", "out", "--format", "plain");
  const NOT_READ = `specs/all.xml:1:50 error include: the included file "specs/parts/x.xml" is not among the given files`;

  test.each<readonly [string, () => Promise<unknown>]>([
    ["a link out of the folder", () => symlink(join(cwd, "outside/secret.xml"), join(cwd, "specs/parts/x.xml"))],
    ["a FIFO, which would block", async () => fifo("specs/parts/x.xml")],
    ["a link to a FIFO", async () => [fifo("specs/f"), await symlink("../f", join(cwd, "specs/parts/x.xml"))]],
    ["a device", () => symlink("/dev/zero", join(cwd, "specs/parts/x.xml"))],
    ["a folder", () => mkdir(join(cwd, "specs/parts/x.xml"))],
    ["a dangling link", () => symlink("nothing", join(cwd, "specs/parts/x.xml"))],
  ])("is not read if it is %s", async (_, create) => {
    await create();
    await writeFile(join(cwd, "specs/all.xml"), including("parts/x.xml"));
    expect(await generate()).toMatchObject({ code: 1, err: expect.stringContaining(NOT_READ) });
  });

  test("is not read below a folder that is a link out of the folder", async () => {
    await symlink(join(cwd, "outside"), join(cwd, "specs/linked"));
    await writeFile(join(cwd, "specs/all.xml"), including("linked/secret.xml"));
    expect((await generate()).err).toContain(`"specs/linked/secret.xml" is not among the given files`);
  });

  test("may be a link inside of the folder, and the folder itself may be named by a link", async () => {
    await symlink("../lamp.xml", join(cwd, "specs/parts/x.xml"));
    await symlink("specs", join(cwd, "alias"));
    await writeFile(join(cwd, "specs/all.xml"), including("parts/x.xml"));
    expect(await cli(cwd, "generate", "alias/all.xml", "-o", "out")).toMatchObject({ code: 0 });
    expect(await contentOf("out/org.example.Lamp1.ts")).toContain("Lamp1");
  });
});

describe("a FIFO in place of an input causes an error at once", () => {
  test.each([
    ["a spec", ["generate", "x", "-o", "out"], 'cannot read "x": it is not a regular file'],
    ["a config", ["lint", "specs", "--config", "x"], 'cannot read "x": it is not a regular file'],
    ["a config of another format", ["lint", "--config", "x.json"], 'cannot read "x.json": it is not a regular file'],
    ["a mock script", ["mock", "specs", "--values", "x"], '--values: cannot read "x": it is not a regular file'],
    ["an earlier version", ["breaking", "specs", "--against", "x"], 'cannot read "x": it is not a regular file'],
  ])("%s", async (_, argv, message) => {
    fifo("x");
    fifo("x.json");
    expect(await cli(cwd, ...argv)).toMatchObject({ code: 2, err: `dbus-codegen: ${message}\n` });
  });
});

describe("a link in an output folder", () => {
  test("is not followed when modules are written", async () => {
    await mkdir(join(cwd, "out"));
    await symlink("../outside/foreign", join(cwd, "out/org.example.Lamp1.ts"));
    expect(await cli(cwd, "generate", "specs", "-o", "out")).toMatchObject({
      code: 2,
      err: "dbus-codegen: will not write out/org.example.Lamp1.ts: it is a link or not a regular file\n",
    });
    expect(await contentOf("outside/foreign")).toBe("unchanged");
  });

  test("is replaced when a dependency file is written", async () => {
    await symlink("outside/foreign", join(cwd, "deps"));
    expect(await cli(cwd, "generate", "specs", "-o", "out", "--deps", "deps")).toMatchObject({ code: 0 });
    expect(await contentOf("outside/foreign")).toBe("unchanged");
    expect((await lstat(join(cwd, "deps"))).isFile()).toBe(true);
  });

  test.each([
    ["src", "a folder"],
    ["README.md", "a file"],
    ["package.json", "the manifest"],
    [".gitignore", "the ignored files"],
  ])("is not followed by init: %s, %s", async (name) => {
    await symlink(name === "src" ? "outside" : "outside/foreign", join(cwd, name));
    const { code, out } = await cli(cwd, "init", "service", "org.example.Lamp1", "--spec", "specs");
    expect({ code, out }).toEqual({
      code: 0,
      out: expect.stringMatching(new RegExp(`^kept +${name.replace(".", "\\.")}`, "m")),
    });
    expect(await contentOf("outside/foreign")).toBe("unchanged");
    await expect(lstat(join(cwd, "outside/service.ts"))).rejects.toThrow("ENOENT");
  });

  test("may be the folder itself", async () => {
    await symlink("outside", join(cwd, "out"));
    expect(await cli(cwd, "generate", "specs", "-o", "out")).toMatchObject({ code: 0 });
    expect(await contentOf("outside/org.example.Lamp1.ts")).toContain("Lamp1");
  });
});

test("the diagnostic for a spec that is too large states its size", async () => {
  await writeFile(join(cwd, "specs/large.xml"), " ".repeat(3_000_000));
  const { err } = await cli(cwd, "generate", "specs", "-o", "out", "--format", "plain");
  expect(err).toContain("specs/large.xml:1:1 error xml-too-large: the file has 3000000 bytes; the limit is 1048576");
});
