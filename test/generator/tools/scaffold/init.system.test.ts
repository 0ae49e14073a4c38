import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { connect } from "@dbus-codegen-ts/runtime";
import { privateBus } from "dbus-codegen-ts/testing";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { main } from "../../../../generator/cli/main.ts";
import { projectPackages } from "../../../../generator/cli/run/package-versions.ts";
import { plainProject } from "../../../../generator/tools/scaffold/project.ts";
import { projectNames } from "../../../../generator/tools/scaffold/project-names.ts";
import { TOOLS } from "../../../../generator/tools/scaffold/versions.ts";
import { TSC } from "../../compile.ts";
import { cli, ROOT, temporaryFolder } from "../../support.ts";

const run = promisify(execFile);

const [RUNTIME, GENERATOR] = ["vendor/dbus-codegen-ts-runtime-0.1.0.tgz", "vendor/dbus-codegen-ts-0.1.0.tgz"];
/** Message that the generator prints when it runs from a clone. */
const FROM_CLONE = `${RUNTIME} and ${GENERATOR} contain this dbus-codegen, because it runs from a clone and is in no registry\n`;

/** Folders of specs of this repository. The interfaces of one folder refer to each other. */
const SPECS = [
  "specs/connman",
  "specs/telepathy",
  "generator/catalogue/polkit/specs",
  "test/e2e/specs",
  "test/runtime/core/specs",
  "test/bench/specs",
];

// The first use packs the packages of this clone.
beforeAll(async () => void (await projectPackages()));

describe("init", () => {
  test("writes the files that the generator needs, and does not replace them", async () => {
    const folder = await temporaryFolder();
    expect(await cli(folder, "init")).toEqual({
      code: 0,
      out: `wrote     package.json
wrote     .gitignore
wrote     dbus-codegen.config.ts
wrote     specs/org.example.Jukebox1.xml
wrote     ${RUNTIME}
wrote     ${GENERATOR}
`,
      err: `${FROM_CLONE}next: npm install && npm run generate\n`,
    });
    const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    expect(manifest.scripts).toEqual({
      generate: "dbus-codegen generate",
      check: "dbus-codegen generate --check",
    });
    const [, ...command] = manifest.scripts.generate.split(" ");
    expect(await cli(folder, ...command)).toMatchObject({ code: 0, err: expect.stringMatching(/^1 written/) });
    expect(await cli(folder, "lint", "specs")).toMatchObject({ code: 0, err: "0 errors, 0 warnings\n" });
    expect((await cli(folder, "init")).out).toBe(`kept      package.json: nothing is missing
kept      .gitignore: nothing is missing
kept      dbus-codegen.config.ts: it exists
kept      specs/org.example.Jukebox1.xml: it exists
kept      ${RUNTIME}: it exists
kept      ${GENERATOR}: it exists
`);
  });

  test("adds missing entries to existing files and changes nothing else", async () => {
    const folder = await temporaryFolder();
    await writeFile(
      join(folder, "package.json"),
      '{\n\t"name": "mine",\n\t"scripts": {\n\t\t"check": "mine"\n\t},\n\t"dependencies": {\n\t\t"dbus-codegen-ts": "*"\n\t}\n}\n',
    );
    await writeFile(join(folder, ".gitignore"), "dist");
    await writeFile(join(folder, "dbus-codegen.config.json"), "{}");
    expect((await cli(folder, "init", ".")).out).toBe(
      `extended  package.json: added script generate, @dbus-codegen-ts/runtime; left alone its type, which is not module, script check
extended  .gitignore: added node_modules/
kept      dbus-codegen.config.ts: dbus-codegen.config.json exists
wrote     specs/org.example.Jukebox1.xml
wrote     ${RUNTIME}
`,
    );
    expect(await readFile(join(folder, "package.json"), "utf8")).toBe(
      `{\n\t"name": "mine",\n\t"scripts": {\n\t\t"check": "mine",\n\t\t"generate": "dbus-codegen generate"\n\t},\n\t"dependencies": {\n\t\t"dbus-codegen-ts": "*",\n\t\t"@dbus-codegen-ts/runtime": "file:${RUNTIME}"\n\t}\n}\n`,
    );
    expect(await readFile(join(folder, ".gitignore"), "utf8")).toBe("dist\nnode_modules/\n");
  });

  test("does not change links and unreadable files", async () => {
    const folder = await temporaryFolder();
    const elsewhere = join(await temporaryFolder(), "elsewhere");
    await writeFile(join(folder, "package.json"), "{ // not JSON\n}");
    await symlink(elsewhere, join(folder, ".gitignore"));
    expect(
      (await cli(folder, "init")).out,
    ).toContain(`kept      package.json: it is not a JSON object with the sections of a package.json
kept      .gitignore: it is not a regular file
`);
    expect(existsSync(elsewhere)).toBe(false);
  });

  test("--dry-run writes nothing", async () => {
    const folder = await temporaryFolder();
    const { out, err } = await cli(folder, "init", "service", "org.example.Jukebox1", "new", "--dry-run");
    expect(out).toContain("would write   src/service.ts\n");
    expect(err).toBe("");
    expect(await readdir(folder)).toEqual([]);
  });

  test.each([
    [["init", "a", "b"], "name at most one folder"],
    [["init", "--spec", "a.xml"], '--spec is only for "init service <interface>"'],
    [["init", "service"], "name the interface: dbus-codegen init service <interface> [folder]"],
    [["init", "service", "Jukebox"], '"Jukebox" is not an interface name, such as org.example.Jukebox1'],
    [["init", "service", "a.b/../../c"], '"a.b/../../c" is not an interface name, such as org.example.Jukebox1'],
    [["init", "service", 'a.b"\n]]>'], "is not an interface name, such as org.example.Jukebox1"],
    [
      ["init", "service", `a.${"b".repeat(240)}`],
      "an interface name of 242 characters leaves no room for file endings",
    ],
    [["init", "service", "org.freedesktop.DBus.Peer"], "belongs to the bus; no other service can implement it"],
    [
      ["init", "service", "net.connman.Sessoin", "--spec", join(ROOT, "specs/connman")],
      "the specs do not declare net.connman.Sessoin; did you mean net.connman.Session?",
    ],
    [["init", "service", "a.b", "--spec", "none.xml"], 'there is no file or folder "none.xml"'],
  ])("%j is refused", async (argv, message) => {
    const folder = await temporaryFolder();
    const { code, err } = await cli(folder, ...argv);
    expect([code, err]).toEqual([2, expect.stringContaining(message)]);
    expect(await readdir(folder)).toEqual([]);
  });

  test("prints the diagnostics of an invalid spec and writes nothing", async () => {
    const folder = await temporaryFolder();
    await writeFile(
      join(folder, "a.xml"),
      '<node><interface name="a.b"><property name="P" type="(" access="read"/></interface></node>',
    );
    const { code, err } = await cli(folder, "init", "service", "a.b", "new", "--spec", "a.xml");
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/^a\.xml:1:[\s\S]* error signature[\s\S]*nothing written\n$/),
    ]);
    expect(await readdir(folder)).toEqual(["a.xml"]);
  });

  test.each([
    ["org.example.Jukebox1", "example-jukebox1"],
    ["net.connman.Session", "connman-session"],
    ["a.b", "a-b"],
    ["org.x.__", "dbus-x"],
    ["_._", "dbus-service"],
    ["com.example.MediaPlayer2.TrackList", "example-media-player2-track-lis"],
    ["org.dbus.codegen.TS", "dbus-codegen-ts-service"],
  ])("%s is the program %s", (name, program) => {
    expect(projectNames(name)).toMatchObject({ program });
  });

  test("a project contains its packages, which depend on packages of the registry only", async () => {
    const folder = await temporaryFolder();
    await cli(folder, "init", "service", "org.example.Jukebox1");
    const { dependencies, devDependencies, bundleDependencies } = JSON.parse(
      await readFile(join(folder, "package.json"), "utf8"),
    );
    expect(dependencies).toEqual({ "@dbus-codegen-ts/runtime": `file:${RUNTIME}` });
    expect(devDependencies).toMatchObject({ "dbus-codegen-ts": `file:${GENERATOR}` });
    expect(bundleDependencies).toEqual(["@dbus-codegen-ts/runtime"]);
    for (const tarball of [RUNTIME, GENERATOR]) {
      const { stdout } = await run("tar", ["xzOf", join(folder, tarball), "package/package.json"]);
      const names = Object.keys(JSON.parse(stdout).dependencies);
      expect(names.filter((name) => name.includes("dbus"))).toEqual([]);
    }
  });

  test("a project of a release depends on its versions", async () => {
    const packages = { runtime: "^0.1.0", generator: "^0.1.0", tarballs: [] };
    const { manifest, files } = plainProject(packages);
    expect(manifest).toMatchObject({
      dependencies: { "@dbus-codegen-ts/runtime": "^0.1.0" },
      devDependencies: { "dbus-codegen-ts": "^0.1.0" },
    });
    expect(manifest.fields).not.toHaveProperty("bundleDependencies");
    expect(files.map(({ path }) => path)).toEqual(["dbus-codegen.config.ts", "specs/org.example.Jukebox1.xml"]);
  });

  test("development dependencies of projects have the versions of this repository", () => {
    const { devDependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    for (const [name, range] of Object.entries(TOOLS))
      expect(range.replace("^", "")).toBe(devDependencies[name].replace("^", ""));
  });
});

describe("init service", () => {
  test("writes an editable class whose methods return empty values", async () => {
    const folder = await temporaryFolder();
    await writeFile(
      join(folder, "lamp.xml"),
      `<node xmlns:tp="http://telepathy.freedesktop.org/wiki/DbusSpec#extensions-v0"><interface name="org.example.Lamp2">
        <tp:enum name="Mode" type="u"><tp:enumvalue suffix="Calm" value="3"/></tp:enum>
        <method name="Off"/>
        <method name="Measure"><arg name="At" type="(yy)"/><arg name="Mode" type="u" tp:type="Mode" direction="out"/><arg name="All" type="a{us}" direction="out"/></method>
        <method name="Open"><arg type="h" direction="out"/></method>
        <property name="Mode" type="u" tp:type="Mode" access="readwrite"/>
        <property name="Sink" type="h" access="read"/>
      </interface></node>`,
    );
    await cli(folder, "init", "service", "org.example.Lamp2", ".", "--spec", "lamp.xml");
    expect(await readFile(join(folder, "src/service.ts"), "utf8")).toBe(`import { openSync } from "node:fs";
import { type Incoming, NotSupportedError, type UnixFd } from "@dbus-codegen-ts/runtime";
import { Lamp2Service, Mode } from "./generated/org.example.Lamp2.js";

/** Serves \`org.example.Lamp2\`. A method may be async. A DBusError that it throws is sent as the error reply. */
export class Lamp extends Lamp2Service {
  constructor() {
    super({ mode: Mode.Calm, sink: openSync("/dev/null", "r") });
  }

  off(incoming: Incoming): void {
    // Not implemented yet.
  }

  measure(at: readonly [number, number], incoming: Incoming): [mode: Mode, all: ReadonlyMap<number, string>] {
    return [Mode.Calm, new Map()];
  }

  open(incoming: Incoming): UnixFd {
    throw new NotSupportedError("there is no file descriptor to give");
  }
}
`);
  });

  test("a spec from standard input gets the name of the interface", async () => {
    const folder = await temporaryFolder();
    const text = `<node><interface name="a.b.Lamp"/><!-- line 1 --><interface name="a.b.lamp"/></node>`;
    const err: string[] = [];
    const code = await main(["init", "service", "a.b.Lamp", ".", "--spec", "-"], {
      cwd: folder,
      writeOutput: () => {},
      writeError: (line) => void err.push(line),
      colorError: false,
      stdin: async function* () {
        yield Buffer.from(text);
      },
    });
    expect([code, err.join("")]).toEqual([0, expect.stringMatching(/^<stdin>:1:\d+ [\s\S]*renamed/)]);
    expect(await readFile(join(folder, "specs/a.b.Lamp.xml"), "utf8")).toBe(text);
    const check = await cli(folder, "generate", "specs", "-o", "src/generated", "--check");
    expect([check.code, check.out]).toEqual([0, ""]);
  });

  test("compiles with strict flags for every interface of this repository", async () => {
    const folder = await temporaryFolder();
    const projects = await Promise.all(
      SPECS.flatMap((specs) => interfacesIn(join(ROOT, specs)).map((name) => scaffold(folder, name, specs))),
    );
    await linkPackages(folder);
    expect(await problems(folder, projects)).toBe("");
    expect(projects.length).toBeGreaterThan(12);
  });

  test("passes its tests, builds, runs and has up-to-date generated modules", async () => {
    const folder = await temporaryFolder();
    const project = await scaffold(folder, "org.example.Everything1", "test/e2e/specs");
    await linkPackages(folder);
    const bin = (name: string): string => join(ROOT, "node_modules/.bin", name);

    const { stdout } = await run(bin("vitest"), ["run", "--dir", "src", "--reporter", "json"], { cwd: project });
    expect(JSON.parse(stdout)).toMatchObject({ success: true, numTotalTests: 3 });
    await run(process.execPath, [TSC, "--singleThreaded"], { cwd: project });
    const check = await cli(project, "generate", "specs", "-o", "src/generated", "--check");
    expect([check.code, check.out]).toEqual([0, ""]);

    await using bus = await privateBus();
    const service = start(["dist/main.js", "--bus", bus.address], project);
    expect(String((await once(service.stdout, "data"))[0])).toBe("org.example.Everything1\n");
    const second = await run(process.execPath, ["dist/main.js", "--bus", bus.address], { cwd: project }).catch(
      (error) => error,
    );
    expect(second).toMatchObject({
      code: 1,
      stderr: "example-everything1: another program has the name org.example.Everything1\n",
    });
    const client = await run(process.execPath, ["dist/client.js", "--bus", bus.address], { cwd: project });
    expect(client.stdout).toContain("Announced: \n");
    service.kill("SIGTERM");
    expect(await once(service, "exit")).toEqual([0, null]);

    const left = start(["dist/main.js", "--bus", bus.address], project);
    await once(left.stdout, "data");
    const exited = once(left, "exit");
    await bus.stop();
    expect(await exited).toEqual([1, null]);
  });

  test("the bus accepts the activation file", async () => {
    const folder = await temporaryFolder();
    const project = await scaffold(folder, "net.connman.Session", "specs/connman");
    await using bus = await privateBus({ serviceFolders: [join(project, "system")] });
    const connection = await bus.connect();
    const daemon = "org.freedesktop.DBus";
    expect(
      await connection.call({ destination: daemon, path: "/", interface: daemon, member: "ListActivatableNames" }),
    ).toEqual([expect.arrayContaining(["net.connman.Session"])]);
  });

  test("the policy lets only the user of the service own its name, and every user call it", async () => {
    const folder = await temporaryFolder();
    const project = await scaffold(folder, "net.connman.Session", "specs/connman");
    const policy = await readFile(join(project, "system/net.connman.Session.conf"), "utf8");
    const included = join(folder, "included.conf");
    await writeFile(included, policy.replace('user="connman-session"', `user="${userInfo().username}"`));
    const address = await systemBus(folder, included);
    await using bus = await connect({ bus: address });
    await bus.requestName("net.connman.Session");
    await expect(bus.requestName("net.connman.Other")).rejects.toThrow(/not allowed|AccessDenied/i);
    await using client = await connect({ bus: address });
    const [id] = await client.call({
      destination: "net.connman.Session",
      path: "/",
      interface: "org.freedesktop.DBus.Peer",
      member: "GetMachineId",
    });
    expect(id).toMatch(/^[0-9a-f]{32}$/);
  });
});

/** Creates a service project of an interface and returns its folder. */
async function scaffold(folder: string, name: string, specs: string): Promise<string> {
  const files = specsOf(name, join(ROOT, specs)).flatMap((file) => ["--spec", file]);
  const { code, err } = await cli(folder, "init", "service", name, name, ...files);
  if (code !== 0) throw new Error(err);
  return join(folder, name);
}

/** The specs in a folder. */
interface Folder {
  readonly texts: ReadonlyMap<string, string>;
  /** Files that define a type, by its name. */
  readonly definitions: ReadonlyMap<string, readonly string[]>;
}

const folders = new Map<string, Folder>();

function folderAt(path: string): Folder {
  const known = folders.get(path);
  if (known !== undefined) return known;
  const names = readdirSync(path, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".xml"));
  const texts = new Map(names.map((name) => [join(path, name), readFileSync(join(path, name), "utf8")]));
  const definitions = new Map<string, string[]>();
  for (const [file, text] of texts)
    for (const [, type = ""] of text.matchAll(/<(?:tp|dct):[\w-]+ name="([^"]+)"/g))
      definitions.set(type, [...(definitions.get(type) ?? []), file]);
  const folder = { texts, definitions };
  folders.set(path, folder);
  return folder;
}

const declaredIn = (text: string): readonly string[] =>
  [...text.matchAll(/<interface name="([^"]+)"/g)].map(([, name = ""]) => name);

function interfacesIn(folder: string): readonly string[] {
  return [...folderAt(folder).texts.values()].flatMap(declaredIn);
}

/**
 * Returns the paths of the specs that an interface needs: the spec that declares it, specs without interfaces, and
 * specs that define types for these.
 */
function specsOf(name: string, folder: string): readonly string[] {
  const { texts, definitions } = folderAt(folder);
  const needed = new Set<string>();
  const add = (file: string): void => {
    if (needed.has(file)) return;
    needed.add(file);
    for (const [, type = ""] of texts.get(file)?.matchAll(/type="([A-Z]\w*)(?:\[\])*"/g) ?? [])
      for (const other of definitions.get(type) ?? []) add(other);
  };
  for (const [file, text] of texts) {
    const declared = declaredIn(text);
    if (declared.length === 0 || declared.includes(name)) add(file);
  }
  return [...needed];
}

/** Installs the packages of this repository, in place of `npm install`. */
async function linkPackages(folder: string): Promise<void> {
  await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
}

/** Returns the errors of the compiler in projects with equal settings. One program checks all of them. */
async function problems(folder: string, projects: readonly string[]): Promise<string> {
  const manifests = await Promise.all(projects.map((project) => readFile(join(project, "tsconfig.json"), "utf8")));
  const [settings = "", ...others] = [...new Set(manifests)];
  expect(others).toEqual([]);
  const { compilerOptions, include } = JSON.parse(settings);
  const together = {
    compilerOptions: { ...compilerOptions, rootDir: ".", noEmit: true },
    include: projects.flatMap((project) => include.map((path: string) => join(project, path))),
  };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify(together));
  return run(process.execPath, [TSC, "-p", folder, "--singleThreaded"]).then(
    ({ stdout }) => stdout,
    ({ stdout, stderr }) => stdout + stderr,
  );
}

function start(args: readonly string[], cwd: string) {
  const child = spawn(process.execPath, args, { cwd, stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => end(child));
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}

/** Starts a bus with the restrictions of a system bus and an additional policy file. */
async function systemBus(folder: string, included: string): Promise<string> {
  const config = join(folder, "bus/bus.conf");
  await mkdir(dirname(config));
  await writeFile(
    config,
    `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <listen>unix:path=${dirname(config)}/socket</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <deny own="*"/>
    <deny send_type="method_call"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow send_destination="org.freedesktop.DBus"/>
  </policy>
  <include>${included}</include>
</busconfig>
`,
  );
  const daemon = spawn("dbus-daemon", [`--config-file=${config}`, "--nofork", "--nopidfile", "--print-address=1"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  onTestFinished(() => end(daemon));
  return String((await once(daemon.stdout, "data"))[0]).trim();
}
