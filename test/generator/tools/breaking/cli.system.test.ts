import { execFileSync } from "node:child_process";
import { mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { testBus } from "dbus-codegen-ts/testing";
import { beforeEach, describe, expect, test } from "vitest";
import { Everything1 } from "../../../e2e/generated/org.example.Everything1.ts";
import { at, cli, ROOT, spec, temporaryFolder } from "../../support.ts";

const VOLUME = `<property name="Volume" type="d" access="read"/>`;
const OLD = spec(`\n<method name="Play"/>\n<method name="Stop"/>\n${VOLUME}\n`, "a.b.C1");
const NEW = spec(
  `\n<method name="Play"/>\n${VOLUME.replace("read", "readwrite")}\n<signal name="Played"/>\n`,
  "a.b.C1",
);

let folder = "";
beforeEach(async () => {
  folder = await temporaryFolder();
  await mkdir(join(folder, "specs"));
});

const write = (path: string, text: string): Promise<void> => writeFile(join(folder, path), text);
const breaking = (...argv: readonly string[]): ReturnType<typeof cli> => cli(folder, "breaking", ...argv);

/** Runs git in the test's folder without the configuration of the user. */
function git(...argv: readonly string[]): void {
  const env = { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" };
  const identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "init.defaultBranch=main"];
  execFileSync("git", [...identity, ...argv], { cwd: folder, env, stdio: "ignore" });
}

function commit(): void {
  git("add", "-A");
  git("commit", "-m", "Version");
}

describe("against a folder or a file", () => {
  beforeEach(async () => {
    await mkdir(join(folder, "old"));
    await write("old/a.xml", OLD);
    await write("specs/a.xml", NEW);
  });

  test("reports each change with both positions, and the next version", async () => {
    const { code, out, err } = await breaking("specs", "--against", "old");
    expect(code).toBe(1);
    expect(err).toBe(
      "since old: 1 breaking on the wire, 1 breaking in TypeScript, 1 compatible; semver requires a major version\n",
    );
    expect(out.replace(/ {2}1 \|.*\n/g, "  1 | …\n").replace(/> 1 \|.*\n/g, "> 1 | …\n")).toMatchInlineSnapshot(`
      "specs/a.xml:1:141 error method-removed: breaks on the wire: the method "Stop" of a.b.C1 was removed
      > 1 | …
          |                                                             ^^^^^^
        2 |
        old/a.xml:3:15 was declared here

      specs/a.xml:3:17 error access-widened: breaks services in TypeScript: the access of the property "Volume" is readwrite, was read
        2 | <method name="Play"/>
      > 3 | <property name="Volume" type="d" access="readwrite"/>
          |                 ^^^^^^
        4 | <signal name="Played"/>
        old/a.xml:4:17 was declared here
        hint: override $beforeSet to check or reject the values that clients set

      specs/a.xml:4:15 note signal-added: compatible: the signal "Played" of a.b.C1 was added
        3 | <property name="Volume" type="d" access="readwrite"/>
      > 4 | <signal name="Played"/>
          |               ^^^^^^
        5 | </interface></node>

      "
    `);
  });

  test("compares a single file", async () => {
    expect((await breaking("specs/a.xml", "--against=old/a.xml", "--format=plain")).out.split("\n")).toHaveLength(4);
  });

  test("exits with 0 if nothing changed and if no change breaks", async () => {
    expect(await breaking("old", "--against", "old")).toEqual({ code: 0, out: "", err: "no changes since old\n" });
    await write("specs/a.xml", OLD.replace(VOLUME, `${VOLUME}<signal name="S"/>`));
    expect(await breaking("specs", "--against", "old", "--format=plain")).toEqual({
      code: 0,
      out: 'specs/a.xml:4:63 note signal-added: compatible: the signal "S" of a.b.C1 was added\n',
      err: "since old: 1 compatible; semver requires a minor version\n",
    });
  });

  test("--target selects the side whose source code is taken into account", async () => {
    await write("specs/a.xml", OLD.replace(VOLUME, `${VOLUME}<method name="M"/>`));
    const run = async (target: string): Promise<string> => {
      const { code, err } = await breaking("specs", "--against=old", `--target=${target}`, "--format=plain");
      return `${code} ${err.trim()}`;
    };
    expect([await run("both"), await run("service"), await run("client")]).toEqual([
      "1 since old: 1 breaking in TypeScript; semver requires a major version",
      "1 since old: 1 breaking in TypeScript; semver requires a major version",
      "0 since old: 1 compatible; semver requires a minor version",
    ]);
  });

  test("--format json writes classes, targets and positions", async () => {
    const { out } = await breaking("specs", "--against=old", "--format=json");
    const log: unknown = JSON.parse(out);
    expect(log).toMatchObject({ version: 1, against: "old", bump: "major", diagnostics: [] });
    expect(at(log, "changes", "0")).toEqual({
      code: "method-removed",
      class: "wire",
      targets: ["client", "service"],
      bump: "major",
      message: 'the method "Stop" of a.b.C1 was removed',
      before: { file: "old/a.xml", line: 3, column: 15, endLine: 3, endColumn: 19 },
    });
    expect(at(log, "changes", "1")).toMatchObject({
      class: "source",
      targets: ["service"],
      before: { file: "old/a.xml", line: 4 },
      after: { file: "specs/a.xml", line: 3 },
    });
  });

  test("--format github and sarif report compatible changes as notes", async () => {
    expect((await breaking("specs", "--against=old", "--format=github")).out).toContain(
      "::notice file=specs/a.xml,line=4,col=15,title=signal-added::compatible: ",
    );
    const log: unknown = JSON.parse((await breaking("specs", "--against=old", "--format=sarif")).out);
    expect(at(log, "runs", "0", "results", "2", "level")).toBe("note");
    expect(at(log, "runs", "0", "results", "1", "relatedLocations", "0", "message", "text")).toBe("was declared here");
  });

  test("does not compare specs with errors", async () => {
    await write("old/a.xml", "<node");
    const { code, out, err } = await breaking("specs", "--against=old", "--format=plain");
    expect([code, out.split(":")[0], err]).toEqual([1, "old/a.xml", "1 error in the specs, nothing compared\n"]);
  });
});

describe("against a git ref", () => {
  beforeEach(async () => {
    await write("specs/a.xml", OLD);
    git("init");
    commit();
    git("tag", "v1.0");
    await write("specs/a.xml", NEW);
  });

  const first = async (...argv: readonly string[]): Promise<string> =>
    (await breaking(...argv, "--format=plain")).out.split("\n")[0] ?? "";
  const REMOVED = 'specs/a.xml:1:141 error method-removed: breaks on the wire: the method "Stop" of a.b.C1 was removed';

  test("accepts a tag, a branch, HEAD and a commit", async () => {
    for (const ref of ["v1.0", "main", "HEAD", "git:v1.0", "v1.0^{}"])
      expect(await first("specs", "--against", ref)).toBe(REMOVED);
  });

  test("prefixes positions in the old version with the ref", async () => {
    const { out } = await breaking("specs", "--against", "v1.0");
    expect(out).toContain("\n  v1.0:specs/a.xml:3:15 was declared here\n");
  });

  test("resolves paths in a subfolder and paths that lead out of it", async () => {
    const { out } = await cli(
      join(folder, "specs"),
      "breaking",
      ".",
      "../specs/a.xml",
      "--against=v1.0",
      "--format=plain",
    );
    expect(out.split("\n")[0]).toBe(REMOVED.replace("specs/", ""));
  });

  test("prefers a folder to a ref of the same name, unless the ref has the prefix git:", async () => {
    await mkdir(join(folder, "v1.0"));
    await write("v1.0/a.xml", NEW);
    expect(await breaking("specs", "--against", "v1.0")).toMatchObject({ code: 0, err: "no changes since v1.0\n" });
    expect(await first("specs", "--against", "git:v1.0")).toBe(REMOVED);
  });

  describe("applies overlays", () => {
    const PLAIN = spec('<property name="Settings" type="a{sv}" access="read"/>', "a.b.L1");
    const overlay = (type: string): string =>
      spec(
        `<dct:dictionary name="S"><dct:key name="Level" type="${type}"/></dct:dictionary><property name="Settings" tp:type="S"/>`,
        "a.b.L1",
      ).replace("<node ", '<node dct:overlay="a.b.L1" ');
    const compare = (...overlays: readonly string[]): ReturnType<typeof breaking> =>
      breaking("specs", ...overlays.flatMap((path) => ["--overlay", path]), "--against=HEAD", "--format=plain");

    beforeEach(async () => {
      await mkdir(join(folder, "overlays"));
      await write("specs/a.xml", PLAIN);
      commit();
    });

    test("of the ref to the earlier version", async () => {
      await write("overlays/a.xml", overlay("y"));
      commit();
      expect((await compare("overlays")).err).toBe("no changes since HEAD\n");
      await write("overlays/a.xml", overlay("u"));
      expect((await compare("overlays")).out).toContain("dictionary-key-type");
    });

    test("of the working folder to an earlier version that has none", async () => {
      await write("overlays/a.xml", overlay("y"));
      expect((await compare("overlays")).err).toBe("no changes since HEAD\n");
    });

    test("of the catalogue to both versions, also beside those of the ref", async () => {
      const name = "org.freedesktop.Notifications";
      await write(
        "specs/n.xml",
        spec('<method name="Notify"><arg name="hints" type="a{sv}" direction="in"/></method>', name),
      );
      await write("overlays/a.xml", overlay("y"));
      commit();
      expect((await compare("overlays", "catalogue:notifications")).err).toBe("no changes since HEAD\n");
    });
  });

  test("does not report a moved spec, and reports an added one", async () => {
    await mkdir(join(folder, "specs/deep"));
    await write("specs/a.xml", OLD);
    await rename(join(folder, "specs/a.xml"), join(folder, "specs/deep/b.xml"));
    await write("specs/c.xml", spec("", "a.b.D1"));
    expect((await breaking("specs", "--against", "v1.0")).err).toBe(
      "since v1.0: 1 compatible; semver requires a minor version\n",
    );
  });

  test("reads included files, but no symbolic links and no other files", async () => {
    await write("specs/all.xml", `<node xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="a.xml"/></node>`);
    await write("specs/notes.txt", "no spec");
    await symlink("/etc/passwd", join(folder, "specs/link.xml"));
    commit();
    await rm(join(folder, "specs/link.xml"));
    await write("specs/a.xml", OLD);
    expect((await breaking("specs/all.xml", "--against", "HEAD", "--format=plain")).out).toContain("method-added");
    expect((await breaking("specs", "--against", "HEAD", "--format=plain")).code).toBe(1);
  });

  test("rejects a file of more than 1 MiB at the ref", async () => {
    await write("specs/a.xml", `<node>${" ".repeat(1024 * 1024)}</node>`);
    commit();
    await write("specs/a.xml", NEW);
    expect(await first("specs", "--against", "HEAD")).toMatch(/^HEAD:specs\/a\.xml:1:1 error xml-too-large: /);
  });

  // biome-ignore format: each case is a table row
  test.each([
    [["specs"], "name the earlier version"],
    [["--against", "v1.0"], "name the specs"],
    [["specs", "--against", "v2.0"], '"v2.0" is neither a file, nor a folder, nor a git ref'],
    [["specs", "--against", "git:"], '"" is not a git ref'],
    [["specs", "--against", "git:--output=/tmp/x"], '"--output=/tmp/x" is not a git ref'],
    [["specs", "--against", "git:a\nb"], "is not a git ref"],
    [["specs", "--against", "v1.0:specs"], '"v1.0:specs" is neither a file, nor a folder, nor a git ref'],
    [["-", "--against", "v1.0"], "standard input has no version at a git ref"],
    [["specs/new.xml", "--against", "v1.0"], 'none of specs/new.xml has an .xml file at "v1.0"'],
    [["specs", "--against", "bus:nothing"], '"nothing" is not a bus name'],
  ])("rejects the arguments %j", async (argv, message) => {
    await write("specs/new.xml", spec("", "a.b.D1"));
    const { code, out, err } = await breaking(...argv);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(/^dbus-codegen: /);
    expect(err).toContain(message);
  });
});

test("rejects a ref outside of a repository", async () => {
  await write("specs/a.xml", NEW);
  expect((await breaking("specs", "--against", "main")).err).toEqual(
    expect.stringMatching(/^dbus-codegen: there is no file or folder "main"; git says: not a git repository .*\n$/),
  );
});

test("compares a running service on the wire, in the given interfaces only", async () => {
  await using bus = await testBus();
  await bus.mock("/org/example/Everything1", Everything1);
  const against = `--against=bus:${bus.services.uniqueName}`;
  const given = join(ROOT, "test/e2e/specs/org.example.Everything1.xml");
  expect(await cli(ROOT, "breaking", given, against, "--bus", bus.address)).toMatchObject({ code: 0, out: "" });
  await write("specs/a.xml", spec("", "org.example.Everything1"));
  const { code, err } = await breaking("specs", against, "--bus", bus.address);
  expect([code, err]).toEqual([
    1,
    expect.stringMatching(/^since bus:\S+: \d+ breaking on the wire, .*; semver requires a major version\n$/),
  ]);
});

test("--help fits into 110 columns", async () => {
  for (const command of ["breaking", "lint", "explain"]) {
    const { code, out } = await cli("/", command, "--help");
    expect(code).toBe(0);
    expect(Math.max(...out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(110);
  }
});
