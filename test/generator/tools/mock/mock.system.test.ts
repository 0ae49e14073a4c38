import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connect, DBusError, Variant } from "@dbus-codegen-ts/runtime";
import { introspect } from "dbus-codegen-ts/introspect";
import { testBus } from "dbus-codegen-ts/testing";
import { describe, expect, test } from "vitest";
import { Diagnostics } from "../../../../generator/compiler/diagnostics/diagnostic.ts";
import { render } from "../../../../generator/compiler/diagnostics/render.ts";
import { read } from "../../../../generator/compiler/read/read.ts";
import type { Ir } from "../../../../generator/compiler/resolve/ir.ts";
import { resolve } from "../../../../generator/compiler/resolve/resolve.ts";
import { isStandardInterface } from "../../../../generator/compiler/resolve/standard-interfaces.ts";
import { interfaceDifferences } from "../../../../generator/tools/introspect/interface-differences.ts";
import { readLiveDocument } from "../../../../generator/tools/introspect/live-document.ts";
import { CONTROL_PATH } from "../../../../generator/tools/mock/control/mock-control.ts";
import type { RecordedCall } from "../../../../generator/tools/mock/observed-call.ts";
import { readScript } from "../../../../generator/tools/mock/read-script.ts";
import { toJson } from "../../../../generator/tools/mock/recorded-json.ts";
import { type ScriptedObject, unscriptedObject } from "../../../../generator/tools/mock/script.ts";
import { ScriptedMock } from "../../../../generator/tools/mock/scripted-mock.ts";
import { CORPUS_NOTE, cli, hasCorpus, ROOT, spec, temporaryFolder } from "../../support.ts";
import { everyCorpusFile } from "../corpus.ts";

const JUKEBOX = spec(
  `<tp:enum name="Mode" type="u"><tp:enumvalue suffix="Off" value="3"/><tp:enumvalue suffix="On" value="4"/></tp:enum>
   <tp:struct name="Track"><tp:member name="Title" type="s"/><tp:member name="Length" type="t"/></tp:struct>
   <dct:dictionary name="Tags"><dct:key name="Year" type="q"/></dct:dictionary>
   <method name="Play"><arg name="track" type="s" direction="in"/><arg name="position" type="t" direction="out"/></method>
   <method name="Both"><arg type="s" direction="out"/><arg type="u" direction="out"/></method>
   <method name="Stop"/>
   <method name="Seek"><arg type="x" direction="in"/></method><method name="Seek"><arg type="s" direction="in"/></method>
   <method name="Cover"><arg type="h" direction="out"/></method>
   <signal name="Changed"><arg name="track" type="s"/></signal>
   <property name="Volume" type="d" access="readwrite"/>
   <property name="Mode" type="u" access="readwrite" tp:type="Mode"/>
   <property name="Track" type="(st)" access="read" tp:type="Track"/>
   <property name="Tags" type="a{sv}" access="read" tp:type="Tags"/>
   <property name="Big" type="t" access="read"/><property name="Byte" type="y" access="read"/>
   <property name="Bytes" type="ay" access="read"/><property name="Any" type="v" access="read"/>
   <property name="Path" type="o" access="read"/><property name="Sig" type="g" access="read"/>
   <property name="Flag" type="b" access="read"/><property name="List" type="a(us)" access="read"/>
   <property name="Map" type="a{us}" access="read"/><property name="Text" type="s" access="read"/>`,
);
const NAME = "a.b.C";
const PATH = "/a/b/C";

function irOf(content: string | Uint8Array): Ir {
  const diagnostics = new Diagnostics();
  return resolve(read([{ path: "a.xml", content }], diagnostics), diagnostics);
}

/** Reads a mock script of the jukebox, and returns its objects and its problems. */
function script(text: string): { objects: readonly ScriptedObject[]; problems: readonly string[] } {
  const diagnostics = new Diagnostics();
  const objects = readScript({ path: "values.yaml", content: text }, irOf(JUKEBOX).interfaces, PATH, diagnostics);
  return { objects, problems: diagnostics.sorted().map((problem) => render([problem], "plain").trimEnd()) };
}

const property = (text: string) => `a.b.C:\n  properties:\n    ${text}\n`;
const values = (text: string) => script(property(text)).objects[0]?.interfaces[0]?.properties;

describe("values of a script", () => {
  test.each([
    ["Volume: 1", { Volume: 1 }],
    ["Volume: NaN", { Volume: Number.NaN }],
    ["Big: 18446744073709551615", { Big: 18446744073709551615n }],
    [`Big: "18446744073709551615"`, { Big: 18446744073709551615n }],
    ["Mode: On", { Mode: 4 }],
    ["Mode: 3", { Mode: 3 }],
    ["Track: [one, 7]", { Track: ["one", 7n] }],
    ["Track: { Title: one, Length: 7 }", { Track: ["one", 7n] }],
    ["Tags: { Year: 1969 }", { Tags: { Year: new Variant("q", 1969) } }],
    ["Tags: { More: { signature: as, value: [a] } }", { Tags: { More: new Variant("as", ["a"]) } }],
    ["Bytes: aGk=", { Bytes: Uint8Array.of(104, 105) }],
    ["Bytes: [104, 105]", { Bytes: Uint8Array.of(104, 105) }],
    [`Any: { signature: "a{sx}", value: { a: 1 } }`, { Any: new Variant("a{sx}", { a: 1n }) }],
    [
      "List: [[1, a], [2, b]]",
      {
        List: [
          [1, "a"],
          [2, "b"],
        ],
      },
    ],
    [
      `Map: { "1": a, 2: b }`,
      {
        Map: new Map([
          [1, "a"],
          [2, "b"],
        ]),
      },
    ],
    ["List: &again [[1, a]]", { List: [[1, "a"]] }],
  ])("%s", (text, expected) => {
    expect(values(text)).toEqual(expected);
  });

  test("can be JSON with a schema for editors", () => {
    expect(
      script(`{ "$schema": "mock.json", "a.b.C": { "properties": { "Text": "a\\u0041\\/" } } }`).objects[0]
        ?.interfaces[0]?.properties,
    ).toEqual({
      Text: "aA/",
    });
  });

  test.each([
    ["Volume: loud", '3:13 error values-type: Volume is a number, not "loud"'],
    ["Byte: 256", "3:11 error values-type: Byte is a whole number from 0 to 255, not 256"],
    ["Byte: 1.5", "3:11 error values-type: Byte is a whole number from 0 to 255, not 1.5"],
    ["Big: -1", "3:10 error values-type: Big is a whole number from 0 to 18446744073709551615, not -1"],
    ["Text: 7", "3:11 error values-type: Text is a text, not 7"],
    [`Text: "\\0"`, "3:11 error values-type: Text is a text without NUL and halves of surrogate pairs, not"],
    ["Flag: yes", '3:11 error values-type: Flag is true or false, not "yes"'],
    ["Path: here", '3:11 error values-type: Path is an object path, not "here"'],
    ["Sig: z", '3:10 error values-type: Sig is a signature, not "z"'],
    ["Bytes: a*b", "3:12 error values-type: Bytes is not base64"],
    ["Any: 7", "3:10 error values-type: Any is a variant, not 7"],
    [
      "Any: { signature: ss, value: a }",
      "3:23 error values-type: the signature of Any is one complete type, such as s or a{sv}",
    ],
    [
      "Any: { signature: u, value: a }",
      '3:33 error values-type: the value of Any is a whole number from 0 to 4294967295, not "a"',
    ],
    ["List: [[1, a], [2]]", "3:20 error values-type: List[1] is a list of 2, one for each field of (us), not of 1"],
    ["Track: { Title: one }", "3:12 error values-type: Track: the member Length is missing"],
    ["Track: { Title: one, Len: 7 }", '3:26 error values-type: Track: there is no member "Len"'],
    ["Tags: { Year: old }", '3:19 error values-type: Tags[Year] is a whole number from 0 to 65535, not "old"'],
    ["Map: { a: b }", '3:12 error values-type: a key of Map is a whole number from 0 to 4294967295, not "a"'],
    ["Volum: 1", '3:5 error values-key: a.b.C has no property "Volum"'],
    ["Volume: 1\n    Volume: 2", "4:5 error values-syntax: Map keys must be unique"],
    ["Any: &a { signature: v, value: *a }", "error values-type: "],
  ])("%s is reported at its position", (text, message) => {
    expect(script(property(text)).problems.join("\n")).toContain(message);
  });

  test.each([
    ["a.b.D: {}", '1:1 error values-key: no spec declares the interface "a.b.D"'],
    ["/a//b: {}", '1:1 error values-key: "/a//b" is not an object path'],
    ["[1]", "1:1 error values-key: the script: a list is not an object"],
    ["a.b.C: { method: {} }", '1:10 error values-key: ["a.b.C"].method: unknown key; did you mean methods?'],
    ["a.b.C: { methods: { Pley: {} } }", '1:21 error values-key: a.b.C has no method "Pley"'],
    [
      "a.b.C: { methods: { Stop: { reply: 1 } } }",
      "1:36 error values-key: Stop has no output argument, so it cannot have a reply",
    ],
    [
      "a.b.C: { methods: { Both: { reply: [a] } } }",
      "error values-key: the reply of Both: expected a list of 2, not a list of 1",
    ],
    [
      "a.b.C: { methods: { Play: { error: bad } } }",
      '1:36 error values-key: ["a.b.C"].methods.Play.error: "bad" is not an error name, such as',
    ],
    [
      "a.b.C: { methods: { Play: { reply: 1, error: a.b } } }",
      '1:27 error values-key: ["a.b.C"].methods.Play: an object is not a reply: "reply" and "error" exclude each other',
    ],
    [
      "a.b.C: { methods: { Play: { delay: soon } } }",
      '1:36 error values-key: ["a.b.C"].methods.Play.delay: "soon" is not a number of milliseconds',
    ],
    ["a.b.C: { emit: { signal: Change } }", '1:26 error values-key: a.b.C has no signal "Change"'],
    [
      "a.b.C: { emit: { signal: Changed, args: [7] } }",
      "1:42 error values-type: args of Changed: track is a text, not 7",
    ],
    ["a.b.C: { emit: {} }", '1:16 error values-key: ["a.b.C"].emit.signal: missing; expected the name of a signal'],
    ["a.b.C: { methods: { Play: { delay: -1 } }, emit: 7, proprties: {} }", "1:36 error values-key: "],
    ["a.b.C: { methods: { Play: { delay: -1 } }, emit: 7, proprties: {} }", "1:50 error values-key: "],
    [
      "a.b.C: { methods: { Play: { delay: -1 } }, emit: 7, proprties: {} }",
      '1:53 error values-key: ["a.b.C"].proprties: unknown key; did you mean properties?',
    ],
    ["/x: { a.b.C: { emit: [{ signal: 1 }] } }", '1:33 error values-key: ["/x"]["a.b.C"].emit[0].signal: 1 is not'],
    ["a: b: c", "error values-syntax"],
    ["a: *b", "1:4 error values-syntax: the anchor &b is not defined"],
  ])("%s", (text, message) => {
    const { problems } = script(text);
    expect(problems.join("\n")).toContain(message);
  });

  test("a hundred thousand brackets are a syntax error", () => {
    expect(script("[".repeat(100_000)).problems.join("\n")).toContain("error values-syntax");
  });
});

/** Serves the jukebox with a script. Returns functions to call it, and the recorded calls. */
async function play(text: string) {
  const { objects, problems } = script(text);
  expect(problems).toEqual([]);
  const bus = await testBus();
  const recorded: RecordedCall[] = [];
  const mock = await ScriptedMock.serve(bus.services, objects, (call) => recorded.push(call));
  const destination = bus.services.uniqueName;
  return {
    recorded,
    call: (member: string, signature = "", ...args: readonly unknown[]) =>
      bus.clients.call({ destination, path: PATH, interface: NAME, member, signature, args }),
    get: async (name: string) => {
      const properties = { destination, path: PATH, interface: "org.freedesktop.DBus.Properties" };
      return (await bus.clients.call({ ...properties, member: "Get", signature: "ss", args: [NAME, name] }))[0];
    },
    bus,
    async [Symbol.asyncDispose]() {
      await mock[Symbol.asyncDispose]();
      await bus.stop();
    },
  };
}

describe("a script", () => {
  test("sends the replies one after the other and repeats the last one", async () => {
    await using jukebox = await play(
      "a.b.C: { methods: { Play: [{ reply: 1 }, { reply: 2 }, { error: { name: a.b.Full, message: no more } }] } }",
    );
    const play_ = () => jukebox.call("Play", "s", "x");
    expect([await play_(), await play_()]).toEqual([[1n], [2n]]);
    for (const _ of [1, 2]) await expect(play_()).rejects.toMatchObject({ errorName: "a.b.Full", message: "no more" });
  });

  test("has defaults: empty values, the first value of an enum, and no file descriptor", async () => {
    await using jukebox = await play("");
    expect(await jukebox.call("Both")).toEqual(["", 0]);
    expect(await jukebox.get("Mode")).toEqual(new Variant("u", 3));
    await expect(jukebox.call("Cover")).rejects.toThrow("no file descriptor of its own to give");
  });

  test("has a reply for each overload", async () => {
    await using jukebox = await play("a.b.C: { methods: { Seek(s): { error: a.b.NoText } } }");
    expect(await jukebox.call("Seek", "x", 1n)).toEqual([]);
    await expect(jukebox.call("Seek", "s", "a")).rejects.toThrow(DBusError);
  });

  test("sets properties and emits signals before a reply, which can be delayed", async () => {
    await using jukebox = await play(
      "a.b.C: { methods: { Play: { delay: 60, reply: 1, set: { Volume: 0.5 }, emit: { signal: Changed, args: [b] } } } }",
    );
    const heard: string[] = [];
    const begun = performance.now();
    const monitor = jukebox.bus.clients;
    await monitor.call({
      destination: "org.freedesktop.DBus",
      path: "/",
      member: "AddMatch",
      signature: "s",
      args: ["type=signal"],
    });
    const { subscribe, unsubscribe } = await import("node:diagnostics_channel");
    const onMessage = (event: unknown) => {
      const { connection, direction, header } = Object(event);
      if (connection === monitor.uniqueName && direction === "in") heard.push(header.member ?? "reply");
    };
    subscribe("dbus-codegen:message", onMessage);
    await jukebox.call("Play", "s", "b");
    unsubscribe("dbus-codegen:message", onMessage);
    expect(performance.now() - begun).toBeGreaterThan(55);
    expect(heard).toEqual(["PropertiesChanged", "Changed", "reply"]);
    expect(await jukebox.get("Volume")).toEqual(new Variant("d", 0.5));
  });

  test("records calls and set properties in the form of scripts", async () => {
    await using jukebox = await play("a.b.C: { methods: { Play: { reply: 18446744073709551615 } } }");
    await jukebox.call("Play", "s", "x");
    await jukebox.call("Seek", "x", 7n);
    const set = {
      destination: jukebox.bus.services.uniqueName,
      path: PATH,
      interface: "org.freedesktop.DBus.Properties",
      member: "Set",
    };
    await jukebox.bus.clients.call({ ...set, signature: "ssv", args: [NAME, "Mode", new Variant("u", 4)] });
    const who = { sender: jukebox.bus.clients.uniqueName, path: PATH, interface: NAME };
    expect(jukebox.recorded).toEqual([
      { ...who, method: "Play", args: ["x"], reply: "18446744073709551615" },
      { ...who, method: "Seek", args: [7] },
      { ...who, property: "Mode", args: [4] },
    ]);
  });

  // biome-ignore format: one case a line
  test.each([
    ["a 64-bit number that JSON holds", -7n, -7],
    ["a larger one", 2n ** 63n, "9223372036854775808"],
    ["what JSON has no number for", [Number.NaN, -Infinity, 0.5], ["NaN", "-Infinity", 0.5]],
    ["bytes", new Uint8Array([0, 255]), "AP8="],
    ["a map", new Map([[1, 2n]]), { 1: 2 }],
    ["a record", Object.assign(Object.create(null), { a: true }), { a: true }],
    ["a variant in one", { a: new Variant("as", ["x"]) }, { a: { signature: "as", value: ["x"] } }],
  ])("records %s", (_, value, json) => {
    expect(toJson(value)).toEqual(json);
  });

  test("emits signals by time", async () => {
    await using jukebox = await play("a.b.C: { emit: { signal: Changed, args: [tick], every: 20 } }");
    const before = jukebox.bus.services.counters.messagesOut;
    await expect.poll(() => jukebox.bus.services.counters.messagesOut - before).toBeGreaterThan(3);
  });

  test("serves objects with the interfaces below their paths", async () => {
    await using jukebox = await play("/x: { a.b.C: { properties: { Text: x } } }\n/y/1: { a.b.C: }\n");
    const found = await introspect(jukebox.bus.clients, jukebox.bus.services.uniqueName);
    expect([found.objects, found.specs.length]).toEqual([4, 1]);
  });
});

describe("dbus-codegen mock", () => {
  async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
    const folder = await temporaryFolder();
    for (const [path, text] of Object.entries({ "a.xml": JUKEBOX, ...files }))
      await writeFile(join(folder, path), text);
    return folder;
  }
  const CALL = `gdbus call --session --dest ${NAME} --object-path ${PATH} --method ${NAME}.Play x > out.txt`;

  test("runs a command on a private bus, records calls, and ends with the command", async () => {
    const folder = await folderWith({ "v.yaml": "a.b.C: { methods: { Play: { reply: 42 } } }" });
    const ran = await cli(folder, "mock", "a.xml", "--values", "v.yaml", "--record", "calls.jsonl", "--run", CALL);
    expect(ran).toEqual({ code: 0, out: "", err: `${NAME} ${PATH}: ${NAME}\n` });
    expect(await readFile(join(folder, "out.txt"), "utf8")).toBe("(uint64 42,)\n");
    const [line = "", ...rest] = (await readFile(join(folder, "calls.jsonl"), "utf8")).trim().split("\n");
    expect(rest).toEqual([]);
    expect(JSON.parse(line)).toEqual({
      time: expect.stringMatching(/^\d{4}-/),
      sender: expect.stringMatching(/^:1\./),
      ...{ path: PATH, interface: NAME, method: "Play", args: ["x"], reply: 42 },
    });
    expect((await cli(folder, "mock", "a.xml", "--run", "exit 7")).code).toBe(7);
  });

  test("serves until it is interrupted, with a given name and path", async () => {
    const folder = await folderWith({});
    const bin = join(ROOT, "generator/bin/dbus-codegen.js");
    const child = spawn(process.execPath, [bin, "mock", "a.xml", "--name", "x.y-z", "--path", "/p"], { cwd: folder });
    const [printed] = await once(child.stdout, "data");
    const address = /^DBUS_SESSION_BUS_ADDRESS=(.*)\n$/.exec(String(printed))?.[1] ?? "";
    await once(child.stderr, "data");
    await using bus = await connect({ bus: address });
    expect(await bus.call({ destination: "x.y-z", path: "/p", interface: NAME, member: "Both" })).toEqual(["", 0]);
    child.kill("SIGTERM");
    expect(await once(child, "close")).toEqual([0, null]);
    await expect(connect({ bus: address })).rejects.toThrow();
  });

  test("serves on an existing bus", async () => {
    const folder = await folderWith({});
    await using bus = await testBus();
    expect(await cli(folder, "mock", "a.xml", "--bus", bus.address, "--run", CALL)).toMatchObject({ code: 0 });
    await bus.services.requestName(NAME);
    const { code, err } = await cli(folder, "mock", "a.xml", "--bus", bus.address, "--run", CALL);
    expect([code, err]).toEqual([2, `dbus-codegen: the name ${NAME} has another owner on the bus\n`]);
  });

  test("serves a template with its commands, which also run while it runs", async () => {
    const folder = await temporaryFolder();
    const control = `--dest org.bluez --object-path ${CONTROL_PATH} --method io.github.dbus_codegen_ts.Mock1.Run`;
    const add = `gdbus call --session ${control} addDevice '["hci0", "00:11:22:33:44:55"]' '{"Alias": <"Sensor">}'`;
    const get = "org.freedesktop.DBus.Properties.Get org.bluez.Adapter1 Alias";
    const { code, out, err } = await cli(
      folder,
      ...["mock", "--template", "bluez", "--setup", "addAdapter hci0 { Alias: 'my laptop' }", "--run"],
      `(${add}; gdbus call --session --dest org.bluez --object-path /org/bluez/hci0 --method ${get}) > out.txt`,
    );
    expect([code, out]).toEqual([0, ""]);
    expect(err.split("\n")).toContain("org.bluez /: org.freedesktop.DBus.ObjectManager");
    expect(await readFile(join(folder, "out.txt"), "utf8")).toBe(
      "('/org/bluez/hci0/dev_00_11_22_33_44_55',)\n(<'my laptop'>,)\n",
    );
  });

  test.each([
    ["addAdaptr hci0", '"addAdaptr" is not a command of the template; did you mean addAdapter?'],
    ["addAdapter", "the command is addAdapter name {properties of org.bluez.Adapter1}"],
    ["addAdapter hci0 { Powerd: true }", 'org.bluez.Adapter1 has no property "Powerd"; did you mean Powered?'],
    ["addAdapter hci0 { Powered: 7 }", "Powered is true or false, not 7"],
    ["addAdapter hci0 { AddressType: odd }", 'AddressType: "odd" is not a value of Address_Type'],
    ["addAdapter hci0 { Powered", "Flow map must end with a }"],
    ["removeAdapter hci0 {}", "the command is removeAdapter name"],
    ["addDevice hci9 00:11:22:33:44:55", 'there is no adapter "hci9"'],
    ["addAdapter hci-0", "/org/bluez/hci-0"],
  ])("rejects the command %j of a template", async (setup, message) => {
    const { code, err } = await cli(ROOT, "mock", "--template", "bluez", "--setup", setup, "--run", "exit 9");
    expect([code, err]).toEqual([2, expect.stringContaining(message)]);
  });

  test("reports invalid values with their positions and serves nothing", async () => {
    const folder = await folderWith({ "v.json": `{\n  "a.b.C": { "properties": { "Volume": "loud" } }\n}\n` });
    const { code, out, err } = await cli(folder, "mock", "a.xml", "--values", "v.json", "--run", CALL);
    expect([code, out]).toEqual([1, ""]);
    expect(err).toBe(
      `v.json:2:40 error values-type: Volume is a number, not "loud"
  1 | {
> 2 |   "a.b.C": { "properties": { "Volume": "loud" } }
    |                                        ^^^^^^
  3 | }

there are errors, nothing is served
`,
    );
  });

  test("rejects a property that is a file descriptor", async () => {
    const folder = await folderWith({ "fd.xml": spec(`<property name="F" type="h" access="read"/>`, "a.b.F") });
    const { code, err } = await cli(folder, "mock", "fd.xml");
    expect([code, err]).toEqual([2, expect.stringContaining("the mock cannot be served: ")]);
  });

  test.each([
    [[], "name the specs"],
    [["a.xml", "--name", "no"], `--name: "no" is not a well-known bus name`],
    [["a.xml", "--path", "no"], `--path: "no" is not an object path`],
    [["a.xml", "--values", "none.yaml"], 'there is no file "none.yaml"'],
    [["a.xml", "--bus", "unix:path=/nowhere"], "cannot connect to the bus at unix:path=/nowhere"],
    [["--template", "bluz"], '--template: "bluz" is not a template; did you mean bluez?'],
    [["--template", "xyz"], '"xyz" is not a template; the templates are bluez, logind, networkmanager, upower'],
    [["--template", "bluez", "a.xml"], "--template excludes specs, --path and --values"],
    [["a.xml", "--setup", "addAdapter hci0"], "--setup needs --template"],
  ])("rejects %j", async (argv, message) => {
    const { code, err } = await cli(await folderWith({}), "mock", ...argv);
    expect([code, err]).toEqual([2, expect.stringContaining(message)]);
  });
});

describe.skipIf(!hasCorpus)(`every valid spec of the corpus can be mocked${CORPUS_NOTE}`, () => {
  test("and its introspection data equals the spec", async () => {
    await using bus = await testBus();
    let count = 0;
    for (const { path, content } of everyCorpusFile()) {
      const diagnostics = new Diagnostics();
      const { interfaces } = resolve(read([{ path, content }], diagnostics), diagnostics);
      if (diagnostics.hasErrors) continue;
      for (const iface of interfaces.filter(({ name }) => !isStandardInterface(name))) {
        await using _ = await ScriptedMock.serve(bus.services, [unscriptedObject("/o", [iface])]);
        const call = { destination: bus.services.uniqueName, path: "/o" };
        const properties = { ...call, interface: "org.freedesktop.DBus.Properties", member: "GetAll", signature: "s" };
        const [values] = await bus.clients.call({ ...properties, args: [iface.name] });
        const readable = iface.properties.filter(({ access }) => access !== "write").map(({ name }) => name);
        expect(Object.keys(Object(values)).toSorted(), path).toEqual([...new Set(readable)].toSorted());
        const [xml] = await bus.clients.call({
          ...call,
          interface: "org.freedesktop.DBus.Introspectable",
          member: "Introspect",
        });
        const [live] = readLiveDocument({ path, content: String(xml) }, "/o").objects;
        const [back] = live?.interfaces ?? [];
        expect(back && interfaceDifferences(iface, back), path).toEqual([]);
        count++;
      }
    }
    expect(count).toBeGreaterThan(100);
  });
});
