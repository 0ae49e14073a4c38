import { exec } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { FailedError, UnknownMethodError } from "@dbus-codegen-ts/runtime";
import { generate, render } from "dbus-codegen-ts";
import { type Introspected, introspect, type WalkOptions } from "dbus-codegen-ts/introspect";
import { mock, privateBus, testBus } from "dbus-codegen-ts/testing";
import { describe, expect, test } from "vitest";
import { mergeObjects, specFileName } from "../../../../generator/tools/introspect/merge-objects.ts";
import { readLiveDocument } from "../../../../generator/tools/introspect/live-document.ts";
import { writeSpec } from "../../../../generator/tools/introspect/spec-xml.ts";
import { Everything1 } from "../../../e2e/generated/org.example.Everything1.ts";
import { at, cli, ROOT, spec, temporaryFolder } from "../../support.ts";
import { rawService } from "../raw-service.ts";

const NAME = "org.example.Tree";

/** Specs from documents of objects, without a bus. */
function merge(documents: Readonly<Record<string, string>>): { text: string; told: readonly string[] } {
  const read = Object.entries(documents).map(([path, content]) =>
    readLiveDocument({ path: `svc${path}`, content }, path),
  );
  const { interfaces, diagnostics } = mergeObjects(read.flatMap(({ objects }) => objects));
  const told = [...read.flatMap((document) => document.diagnostics), ...diagnostics];
  return { text: writeSpec(interfaces), told: told.map((one) => render([one], "plain").trimEnd()) };
}

describe("documents of objects become specs", () => {
  test("in normal form: sorted, one layout, standard interfaces left out", () => {
    const { text, told } = merge({
      "/a": `<node><interface name="org.freedesktop.DBus.Peer"><method name="Ping"/></interface>
        <interface name='x.y.Z'><!-- hi --><property type="a{sv}" name="P" access="read"><annotation value="a&lt;&quot;&#10;" name="n.N"/></property>
        <signal name="S"><arg type="s"/></signal><method name="B"/><method name="A"><arg name="in" type="u"/><arg type="s" direction="out"/></method>
        </interface><interface name="x.y.A"/></node>`,
    });
    expect(told).toEqual([]);
    expect(text.slice(text.indexOf("<node>"))).toBe(`<node>
  <interface name="x.y.A"/>
  <interface name="x.y.Z">
    <method name="A">
      <arg name="in" type="u" direction="in"/>
      <arg type="s" direction="out"/>
    </method>
    <method name="B"/>
    <signal name="S">
      <arg type="s"/>
    </signal>
    <property name="P" type="a{sv}" access="read">
      <annotation name="n.N" value="a&lt;&quot;&#10;"/>
    </property>
  </interface>
</node>
`);
  });

  test("an interface of many objects is one; a different one is told, and the first path counts", () => {
    const { text, told } = merge({
      "/z": spec(`<method name="New"/>`),
      "/a": spec(`<method name="Old"/>`),
      "/b": spec(`<method name="Old"/>`),
    });
    expect(text).toContain("Old");
    expect(text).not.toContain("New");
    expect(told).toEqual([
      expect.stringMatching(
        /^svc\/z:1:\d+ warning live-differs: the interface "a.b.C" is another at \/z than at \/a, which counts: the method Old is missing$/,
      ),
    ]);
  });

  test("a name of 255 characters has a file of its own", () => {
    const [one, other] = ["x", "y"].map((end) => specFileName(`a.${"b".repeat(252)}${end}`));
    expect([one?.length, one === other]).toEqual([213, false]);
    expect(specFileName("a.b")).toBe("a.b.xml");
  });

  test("objects inside the document of another", () => {
    const inner = `<node name="n"><node name="m"><interface name="a.b.C"/></node></node>`;
    expect(readLiveDocument({ path: "svc", content: inner }, "/x")).toMatchObject({
      objects: [{ path: "/x" }, { path: "/x/m", interfaces: [{ name: "a.b.C" }] }],
      children: ["/x/m"],
    });
  });

  test("the bus itself: it names its object from far above", async () => {
    await using bus = await privateBus();
    const found = await introspect(await bus.connect(), "org.freedesktop.DBus");
    expect([found.diagnostics, found.objects]).toEqual([[], 2]);
    expect(found.specs.map(({ path }) => path)).toContain("org.freedesktop.DBus.xml");
  });

  test("one invalid interface does not take the others with it", () => {
    const { text, told } = merge({
      "/a": `<node><interface name="a.b.Bad"><method name="M"><arg type="a{vs}"/></method></interface><interface name="a.b.Good"/></node>`,
    });
    expect(text).toContain(`<interface name="a.b.Good"/>`);
    expect(text).not.toContain("Bad");
    expect(told).toHaveLength(1);
    expect(told[0]).toContain('error signature: invalid signature "a{vs}"');
  });

  test.each([
    ["nothing", "", "xml-syntax"],
    ["a comment alone", "<!-- a -->", "xml-syntax"],
    ["no XML", "hello", "xml-syntax"],
    ["cut off", "<node><interface", "xml-syntax"],
    ["another root", "<html/>", "xml-root"],
    ["entities that explode", `<!DOCTYPE n [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><node name="&b;"/>`, ""],
    ["an outside entity", `<!DOCTYPE n [<!ENTITY a SYSTEM "file:///etc/passwd">]><node>&a;</node>`, "xml-dtd"],
    ["depth", "<node>".repeat(500) + "</node>".repeat(500), "xml-depth"],
    ["a child that climbs", `<node><node name=".."/></node>`, "name"],
    ["a child that begins at the root", `<node><node name="/a"/></node>`, "name"],
    ["a child without a name", `<node><node/></node>`, "attribute-missing"],
    ["too much", `<node>${" ".repeat(2 ** 20)}</node>`, "xml-too-large"],
  ])("what a service answers is not trusted: %s", (_, content, code) => {
    const { objects, children, diagnostics } = readLiveDocument({ path: "svc/", content }, "/");
    expect(objects.flatMap(({ interfaces }) => interfaces)).toEqual([]);
    expect(children).toEqual([]);
    if (code !== "") expect(diagnostics.map((one) => one.code)).toContain(code);
  });
});

/** Introspects a service that answers Introspect by a function of the path. */
async function tree(document: (path: string) => string | Error, options: WalkOptions = {}): Promise<Introspected> {
  await using bus = await privateBus();
  await using _ = await rawService(bus.address, NAME, ({ path }) => {
    const answer = document(path);
    if (answer instanceof Error) return answer.message === "silence" ? undefined : new FailedError(answer.message);
    return ["s", answer];
  });
  return await introspect(await bus.connect(), NAME, "/", options);
}

const told = ({ diagnostics }: Introspected) => diagnostics.map((one) => render([one], "plain").trimEnd());
const nodes = (...names: readonly string[]) => names.map((name) => `<node name="${name}"/>`).join("");

describe("a running service", () => {
  test("ten thousand objects of one kind give one spec", async () => {
    const names = Array.from({ length: 9_998 }, (_, index) => String(index));
    const found = await tree((path) => {
      if (path === "/") return `<node>${nodes("x")}</node>`;
      return path === "/x" ? `<node>${nodes(...names)}</node>` : spec(`<method name="M"/>`);
    });
    expect([found.objects, found.specs.map(({ path }) => path), found.diagnostics]).toEqual([
      10_000,
      ["a.b.C.xml"],
      [],
    ]);
  });

  test("one that names objects without end comes to an end, and it is told", async () => {
    const deep = await tree(() => `<node>${nodes("a")}</node>`);
    expect([deep.objects, told(deep)]).toEqual([
      33,
      [expect.stringContaining("live-limit: objects more than 32 levels below / are not read")],
    ]);
    const wide = await tree(() => `<node>${nodes("a", "b", "c")}</node>`, { maxObjects: 50 });
    expect([wide.objects, told(wide)]).toEqual([
      50,
      [expect.stringContaining("live-limit: more than 50 objects: the rest is not read")],
    ]);
  });

  test("objects that answer with an error or nonsense are told and left out", async () => {
    const found = await tree((path) => {
      if (path === "/") return `<node>${nodes("bad", "good", "xml")}</node>`;
      if (path === "/bad") return new Error("no");
      return path === "/xml" ? "<nod" : spec(`<method name="M"/>`);
    });
    expect(found.specs.map(({ path }) => path)).toEqual(["a.b.C.xml"]);
    expect(told(found)).toEqual([
      `${NAME}/bad:1:1 warning live-object: Introspect failed with org.freedesktop.DBus.Error.Failed: no`,
      expect.stringContaining(`${NAME}/xml:1:`),
    ]);
  });

  test("one that stops to answer is given up", async () => {
    const names = Array.from({ length: 500 }, (_, index) => String(index));
    const begun = performance.now();
    const found = await tree((path) => (path === "/" ? `<node>${nodes(...names)}</node>` : new Error("silence")), {
      timeout: 200,
    });
    expect(performance.now() - begun).toBeLessThan(10_000);
    expect(told(found).at(-1)).toContain("the service does not answer any more: the rest is not read");
  });

  test("an answer of another type than a text is told", async () => {
    await using bus = await privateBus();
    await using _ = await rawService(bus.address, NAME, () => ["u", 7]);
    const found = await introspect(await bus.connect(), NAME);
    expect(told(found)).toEqual([expect.stringContaining("Introspect answered with something other than a text")]);
  });
});

describe("dbus-codegen introspect", () => {
  test("saves a spec for each interface, which generate takes; a second run changes nothing", async () => {
    const folder = await temporaryFolder();
    await using bus = await testBus();
    for (const path of ["/org/example/1", "/org/example/2"]) await bus.mock(path, Everything1);
    const name = bus.services.uniqueName;
    const ran = await cli(folder, "introspect", name, "--bus", bus.address, "-o", "specs");
    expect(ran).toEqual({ code: 0, out: "", err: "1 interface of 5 objects: 1 written, 0 unchanged\n" });
    expect(await readdir(join(folder, "specs"))).toEqual(["org.example.Everything1.xml"]);
    expect((await cli(folder, "generate", "specs", "-o", "out")).code).toBe(0);
    const again = await cli(folder, "introspect", name, "/org/example/2", "--bus", bus.address, "-o", "specs");
    expect(again.err).toBe("1 interface of 1 object: 0 written, 1 unchanged\n");
  });

  test("never writes over a spec that was edited", async () => {
    const folder = await temporaryFolder();
    await using bus = await testBus();
    await bus.mock("/a", Everything1);
    const run = () => cli(folder, "introspect", bus.services.uniqueName, "--bus", bus.address, "-o", ".");
    await run();
    const file = join(folder, "org.example.Everything1.xml");
    const [first = "", ...rest] = (await readFile(file, "utf8")).split("\n");
    expect(first).toMatch(
      /^<!-- Introspected by dbus-codegen; without this line the file is yours\. From :1\.\d+\. -->$/,
    );
    await writeFile(file, rest.join("\n"));
    expect(await run()).toMatchObject({
      code: 2,
      err: "dbus-codegen: will not write ./org.example.Everything1.xml: it exists and was not generated\n",
    });
  });

  test("never writes where a link leads", async () => {
    const folder = await temporaryFolder();
    await using bus = await testBus();
    await bus.mock("/a", Everything1);
    await symlink(join(folder, "elsewhere"), join(folder, "org.example.Everything1.xml"));
    const ran = await cli(folder, "introspect", bus.services.uniqueName, "--bus", bus.address, "-o", ".");
    expect(ran).toMatchObject({ code: 2, err: expect.stringContaining("it is a link or no plain file") });
    expect(existsSync(join(folder, "elsewhere"))).toBe(false);
  });

  test("prints one spec, which generate takes from standard input", async () => {
    await using bus = await testBus();
    await bus.mock("/a", Everything1);
    const { code, out, err } = await cli(".", "introspect", bus.services.uniqueName, "--bus", bus.address);
    expect([code, err]).toEqual([0, "1 interface of 2 objects\n"]);
    const { files, diagnostics } = await generate([{ path: "<stdin>", content: out }]);
    expect(files.map(({ path }) => path)).toEqual(["org.example.Everything1.ts"]);
    expect(diagnostics.every(({ severity }) => severity === "warning")).toBe(true);
  });

  test("piped into generate, in one line", async () => {
    const folder = await temporaryFolder();
    await using bus = await testBus();
    await bus.mock("/a", Everything1);
    const tool = `${process.execPath} ${join(ROOT, "generator/bin/dbus-codegen.js")}`;
    const line = `${tool} introspect ${bus.services.uniqueName} --bus ${bus.address} | ${tool} generate - -o out`;
    const { stderr } = await promisify(exec)(line, { cwd: folder });
    expect(stderr).toContain("1 interface of 2 objects\n");
    expect(stderr).toMatch(/1 written, 0 unchanged in \d+ ms\n$/);
    expect(await readdir(join(folder, "out"))).toEqual(["org.example.Everything1.ts"]);
  });

  test("as JSON for programs", async () => {
    const folder = await temporaryFolder();
    await using bus = await testBus();
    await bus.services.serve("/a", mock(Everything1).service);
    const given = ["introspect", bus.services.uniqueName, "--bus", bus.address, "-o", ".", "--format", "json"];
    const report: unknown = JSON.parse((await cli(folder, ...given)).out);
    expect(at(report, "files", "0")).toEqual({ path: "org.example.Everything1.xml", change: "create" });
  });

  test.each([
    [[], "name one service and at most one object"],
    [["no name"], `"no name" is not a bus name`],
    [["a.b", "a"], `"a" is not an object path`],
    [["a.b", "--bus", "unix:path=/nowhere"], "cannot connect to the bus at unix:path=/nowhere"],
    [["a.b", "--format", "json"], "--format json is for -o <folder>"],
  ])("%j is a wrong call", async (argv, message) => {
    const { code, err } = await cli(".", "introspect", ...argv);
    expect([code, err]).toEqual([2, expect.stringContaining(message)]);
  });

  test("a name that nobody has: the nearest is offered", async () => {
    await using bus = await testBus();
    await bus.services.requestName("org.example.Jukebox1");
    const { code, err } = await cli(".", "introspect", "org.example.Jukebox", "--bus", bus.address);
    expect([code, err]).toEqual([
      2,
      `dbus-codegen: no service has the name org.example.Jukebox on the bus at ${bus.address}; did you mean org.example.Jukebox1?\n`,
    ]);
  });

  test("a service with nothing of its own is told so", async () => {
    await using bus = await privateBus();
    await using _ = await rawService(bus.address, NAME, () => new UnknownMethodError("no"));
    const { code, out, err } = await cli(".", "introspect", NAME, "--bus", bus.address);
    expect([code, out]).toEqual([1, ""]);
    expect(err).toContain("Introspect failed with org.freedesktop.DBus.Error.UnknownMethod: no");
    expect(err).toContain("no object replied, nothing written");
  });
});
