import { exec } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { FailedError, UnknownMethodError } from "@dbus-codegen-ts/runtime";
import { generate, render } from "dbus-codegen-ts";
import { type IntrospectOptions, type IntrospectResult, introspect } from "dbus-codegen-ts/introspect";
import { mock, privateBus, testBus } from "dbus-codegen-ts/testing";
import { describe, expect, test } from "vitest";
import { shellWord } from "../../../../generator/compiler/text/escape.ts";
import { readLiveDocument } from "../../../../generator/tools/introspect/live-document.ts";
import { mergeObjects, specFileName } from "../../../../generator/tools/introspect/merge-objects.ts";
import { writeSpec } from "../../../../generator/tools/introspect/spec-xml.ts";
import { Everything1 } from "../../../e2e/generated/org.example.Everything1.ts";
import { at, cli, ROOT, spec, temporaryFolder } from "../../support.ts";
import { rawService } from "../raw-service.ts";

const NAME = "org.example.Tree";

/** Merges the interfaces of introspection documents without a bus. Returns the spec and the diagnostics. */
function merge(documents: Readonly<Record<string, string>>): { text: string; problems: readonly string[] } {
  const liveDocuments = Object.entries(documents).map(([path, content]) =>
    readLiveDocument({ path: `svc${path}`, content }, path),
  );
  const { interfaces, diagnostics } = mergeObjects(liveDocuments.flatMap(({ objects }) => objects));
  const all = [...liveDocuments.flatMap((document) => document.diagnostics), ...diagnostics];
  return { text: writeSpec(interfaces), problems: all.map((diagnostic) => render([diagnostic], "plain").trimEnd()) };
}

describe("specs from introspection documents", () => {
  test("are in normal form: sorted, in one layout, without standard interfaces", () => {
    const { text, problems } = merge({
      "/a": `<node><interface name="org.freedesktop.DBus.Peer"><method name="Ping"/></interface>
        <interface name='x.y.Z'><!-- hi --><property type="a{sv}" name="P" access="read"><annotation value="a&lt;&quot;&#10;" name="n.N"/></property>
        <signal name="S"><arg type="s"/></signal><method name="B"/><method name="A"><arg name="in" type="u"/><arg type="s" direction="out"/></method>
        </interface><interface name="x.y.A"/></node>`,
    });
    expect(problems).toEqual([]);
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

  test("contain an interface of many objects once; a different definition is reported, and the first path is used", () => {
    const { text, problems } = merge({
      "/z": spec(`<method name="New"/>`),
      "/a": spec(`<method name="Old"/>`),
      "/b": spec(`<method name="Old"/>`),
    });
    expect(text).toContain("Old");
    expect(text).not.toContain("New");
    expect(problems).toEqual([
      expect.stringMatching(
        /^svc\/z:1:\d+ warning live-differs: the interface "a.b.C" at \/z differs from that at \/a, which is used: the method Old is missing$/,
      ),
    ]);
  });

  test("have unique file names for interface names of 255 characters", () => {
    const [first, second] = ["x", "y"].map((end) => specFileName(`a.${"b".repeat(252)}${end}`));
    expect([first?.length, first === second]).toEqual([213, false]);
    expect(specFileName("a.b")).toBe("a.b.xml");
  });

  test("contain objects that are described inside the document of another object", () => {
    const inner = `<node name="n"><node name="m"><interface name="a.b.C"/></node></node>`;
    expect(readLiveDocument({ path: "svc", content: inner }, "/x")).toMatchObject({
      objects: [{ path: "/x" }, { path: "/x/m", interfaces: [{ name: "a.b.C" }] }],
      children: ["/x/m"],
    });
  });

  test("support a child name with several levels, as the bus uses it", async () => {
    await using bus = await privateBus();
    const found = await introspect(await bus.connect(), "org.freedesktop.DBus");
    expect([found.diagnostics, found.objects]).toEqual([[], 2]);
    expect(found.specs.map(({ path }) => path)).toContain("org.freedesktop.DBus.xml");
  });

  test("contain the valid interfaces of a document with an invalid one", () => {
    const { text, problems } = merge({
      "/a": `<node><interface name="a.b.Bad"><method name="M"><arg type="a{vs}"/></method></interface><interface name="a.b.Good"/></node>`,
    });
    expect(text).toContain(`<interface name="a.b.Good"/>`);
    expect(text).not.toContain("Bad");
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain('error signature: invalid signature "a{vs}"');
  });

  test.each([
    ["empty", "", "xml-syntax"],
    ["only a comment", "<!-- a -->", "xml-syntax"],
    ["not XML", "hello", "xml-syntax"],
    ["truncated", "<node><interface", "xml-syntax"],
    ["another root element", "<html/>", "xml-root"],
    ["nested entities", `<!DOCTYPE n [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><node name="&b;"/>`, ""],
    ["an external entity", `<!DOCTYPE n [<!ENTITY a SYSTEM "file:///etc/passwd">]><node>&a;</node>`, "xml-dtd"],
    ["deeply nested nodes", "<node>".repeat(500) + "</node>".repeat(500), "xml-depth"],
    ["a child name with ..", `<node><node name=".."/></node>`, "name"],
    ["an absolute child name", `<node><node name="/a"/></node>`, "name"],
    ["a child without a name", `<node><node/></node>`, "attribute-missing"],
    ["a document of more than 1 MiB", `<node>${" ".repeat(2 ** 20)}</node>`, "xml-too-large"],
  ])("rejects a hostile or invalid document: %s", (_, content, code) => {
    const { objects, children, diagnostics } = readLiveDocument({ path: "svc/", content }, "/");
    expect(objects.flatMap(({ interfaces }) => interfaces)).toEqual([]);
    expect(children).toEqual([]);
    if (code !== "") expect(diagnostics.map((diagnostic) => diagnostic.code)).toContain(code);
  });
});

/** Introspects a service whose documents a function of the path returns. */
async function tree(
  document: (path: string) => string | Error,
  options: IntrospectOptions = {},
): Promise<IntrospectResult> {
  await using bus = await privateBus();
  await using _ = await rawService(bus.address, NAME, ({ path }) => {
    const answer = document(path);
    if (answer instanceof Error) return answer.message === "silence" ? undefined : new FailedError(answer.message);
    return ["s", answer];
  });
  return await introspect(await bus.connect(), NAME, "/", options);
}

const problemsOf = ({ diagnostics }: IntrospectResult) =>
  diagnostics.map((diagnostic) => render([diagnostic], "plain").trimEnd());
const nodes = (...names: readonly string[]) => names.map((name) => `<node name="${name}"/>`).join("");

describe("a running service", () => {
  test("yields one spec for ten thousand objects with the same interface", async () => {
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

  test("is read up to a limit if it names endless objects, and the limit is reported", async () => {
    const deep = await tree(() => `<node>${nodes("a")}</node>`);
    expect([deep.objects, problemsOf(deep)]).toEqual([
      33,
      [expect.stringContaining("live-limit: objects more than 32 levels below / are not read")],
    ]);
    const wide = await tree(() => `<node>${nodes("a", "b", "c")}</node>`, { maxObjects: 50 });
    expect([wide.objects, problemsOf(wide)]).toEqual([
      50,
      [expect.stringContaining("live-limit: more than 50 objects: this object, ")],
    ]);
  });

  test("yields diagnostics for objects that return errors or invalid documents", async () => {
    const found = await tree((path) => {
      if (path === "/") return `<node>${nodes("bad", "good", "xml")}</node>`;
      if (path === "/bad") return new Error("no");
      return path === "/xml" ? "<nod" : spec(`<method name="M"/>`);
    });
    expect(found.specs.map(({ path }) => path)).toEqual(["a.b.C.xml"]);
    expect(problemsOf(found)).toEqual([
      `${NAME}/bad:1:1 warning live-object: Introspect failed with org.freedesktop.DBus.Error.Failed: no`,
      expect.stringContaining(`${NAME}/xml:1:`),
    ]);
  });

  test("is not read further if it stops replying", async () => {
    const names = Array.from({ length: 500 }, (_, index) => String(index));
    const found = await tree((path) => (path === "/" ? `<node>${nodes(...names)}</node>` : new Error("silence")), {
      timeout: 500,
    });
    expect(problemsOf(found).at(-1)).toContain("the service no longer replies: this object");
  });

  const NAMES = Array.from({ length: 100 }, (_, index) => `o${index}`);

  test("is not read further after the total time", async () => {
    const found = await tree((path) => (path === "/" ? `<node>${nodes(...NAMES)}</node>` : spec("")), {
      totalTimeout: 0,
    });
    expect([found.objects, problemsOf(found)]).toEqual([
      0,
      [`${NAME}/:1:1 warning live-limit: not finished after 0 ms: this object and those below are not read`],
    ]);
  });

  test("is not read further after 4 MiB of documents that differ; equal documents are parsed once", async () => {
    const large = `<!--${" ".repeat(2 ** 19)}-->`;
    const differing = await tree((path) =>
      path === "/" ? `<node>${nodes(...NAMES)}</node>` : `<node>${large}<!--${path}--><interface name="a.b.C"/></node>`,
    );
    expect(differing.objects).toBeLessThan(NAMES.length);
    expect(problemsOf(differing)).toEqual([
      expect.stringMatching(/live-limit: more than 4194304 characters that differ: this object, \d+ others and those/),
    ]);
    const equal = await tree((path) =>
      path === "/" ? `<node>${nodes(...NAMES)}</node>` : `<node>${large}<interface name="a.b.C"/></node>`,
    );
    expect([equal.objects, problemsOf(equal)]).toEqual([101, []]);
  });

  test("yields a diagnostic for a reply that is not a string", async () => {
    await using bus = await privateBus();
    await using _ = await rawService(bus.address, NAME, () => ["u", 7]);
    const found = await introspect(await bus.connect(), NAME);
    expect(problemsOf(found)).toEqual([expect.stringContaining("Introspect did not return a string")]);
  });
});

describe("dbus-codegen introspect", () => {
  test("writes a spec for each interface, which generate accepts; a second run changes nothing", async () => {
    const folder = await temporaryFolder();
    await using bus = await testBus();
    for (const path of ["/org/example/1", "/org/example/2"]) await bus.mock(path, Everything1);
    const name = bus.services.uniqueName;
    const ran = await cli(folder, "introspect", name, "--bus", bus.address, "-o", "specs");
    expect(ran).toEqual({ code: 0, out: "", err: "1 interface of 5 objects: 1 written, 0 unchanged\n" });
    expect(await readdir(join(folder, "specs"))).toEqual(["org.example.Everything1.xml"]);
    expect((await cli(folder, "generate", "specs", "-o", "out")).code).toBe(0);
    const secondRun = await cli(folder, "introspect", name, "/org/example/2", "--bus", bus.address, "-o", "specs");
    expect(secondRun.err).toBe("1 interface of 1 object: 0 written, 1 unchanged\n");
  });

  test("never overwrites a spec that was edited", async () => {
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

  test("never writes through a symbolic link", async () => {
    const folder = await temporaryFolder();
    await using bus = await testBus();
    await bus.mock("/a", Everything1);
    await symlink(join(folder, "elsewhere"), join(folder, "org.example.Everything1.xml"));
    const ran = await cli(folder, "introspect", bus.services.uniqueName, "--bus", bus.address, "-o", ".");
    expect(ran).toMatchObject({ code: 2, err: expect.stringContaining("it is a link or not a regular file") });
    expect(existsSync(join(folder, "elsewhere"))).toBe(false);
  });

  test("prints one spec, which generate accepts on standard input", async () => {
    await using bus = await testBus();
    await bus.mock("/a", Everything1);
    const { code, out, err } = await cli(".", "introspect", bus.services.uniqueName, "--bus", bus.address);
    expect([code, err]).toEqual([0, "1 interface of 2 objects\n"]);
    const { files, diagnostics } = await generate([{ path: "<stdin>", content: out }]);
    expect(files.map(({ path }) => path)).toEqual(["org.example.Everything1.ts"]);
    expect(diagnostics.every(({ severity }) => severity === "warning")).toBe(true);
  });

  test("can be piped into generate", async () => {
    const folder = await temporaryFolder();
    await using bus = await testBus();
    await bus.mock("/a", Everything1);
    const tool = [process.execPath, join(ROOT, "generator/bin/dbus-codegen.js")].map(shellWord).join(" ");
    const line = `${tool} introspect ${bus.services.uniqueName} --bus ${bus.address} | ${tool} generate - -o out`;
    const { stderr } = await promisify(exec)(line, { cwd: folder });
    expect(stderr).toContain("1 interface of 2 objects\n");
    expect(stderr).toMatch(/1 written, 0 unchanged in \d+ ms\n$/);
    expect(await readdir(join(folder, "out"))).toEqual(["org.example.Everything1.ts"]);
  });

  test("--format json reports the changed files", async () => {
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
    [["a.b", "--format", "json"], "--format json needs -o <folder>"],
  ])("rejects the arguments %j", async (argv, message) => {
    const { code, err } = await cli(".", "introspect", ...argv);
    expect([code, err]).toEqual([2, expect.stringContaining(message)]);
  });

  test("suggests the nearest name if no service has the given name", async () => {
    await using bus = await testBus();
    await bus.services.requestName("org.example.Jukebox1");
    const { code, err } = await cli(".", "introspect", "org.example.Jukebox", "--bus", bus.address);
    expect([code, err]).toEqual([
      2,
      `dbus-codegen: no service has the name org.example.Jukebox on the bus at ${bus.address}; did you mean org.example.Jukebox1?\n`,
    ]);
  });

  test("reports a service without readable objects", async () => {
    await using bus = await privateBus();
    await using _ = await rawService(bus.address, NAME, () => new UnknownMethodError("no"));
    const { code, out, err } = await cli(".", "introspect", NAME, "--bus", bus.address);
    expect([code, out]).toEqual([1, ""]);
    expect(err).toContain("Introspect failed with org.freedesktop.DBus.Error.UnknownMethod: no");
    expect(err).toContain("no object replied, nothing written");
  });
});
