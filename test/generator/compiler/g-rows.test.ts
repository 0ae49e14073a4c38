import { spawn } from "node:child_process";
import dns from "node:dns";
import fs, { readFileSync } from "node:fs";
import { mkdir, readdir, readFile, symlink, watch, writeFile } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";
import { join } from "node:path";
import {
  isBusName,
  isErrorName,
  isInterfaceName,
  isMemberName,
  isObjectPath,
  isSignature,
} from "@dbus-codegen-ts/runtime/grammar";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { mutant } from "../../fuzz/mutate.ts";
import {
  at,
  CORPUS,
  CORPUS_NOTE,
  cli,
  codes,
  compile,
  executed,
  hasCorpus,
  lines,
  load,
  ROOT,
  run,
  type Specs,
  spec,
  statements,
  temporaryFolder,
  textOf,
} from "../support.ts";

/** The acceptance table of the generator against hostile input: one test for each row, in its order. */

const iface = (name: string): string => `<node><interface name="${name}"/></node>`;
const method = (name: string): string => spec(`<method name="${name}"/>`);
const input = (type: string): string => spec(`<method name="M"><arg name="x" type="${type}" direction="in"/></method>`);
const escaped = (text: string): string => text.replace(/[<>&"]/g, (one) => `&#${one.charCodeAt(0)};`);

/** Generated without an error and right for the compiler. */
async function accepted(given: string | Uint8Array | Specs, mangles = false): Promise<Awaited<ReturnType<typeof run>>> {
  const result = await run(given);
  expect(result.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  if (mangles) expect(codes(result)).toContain("renamed");
  expect(compile(result.files)).toEqual([]);
  return result;
}

async function refused(given: string | Uint8Array | Specs, code: string): Promise<void> {
  const result = await run(given);
  expect(codes(result)).toEqual([code]);
  expect(result.files).toEqual([]);
}

/** Identifiers of one kind of members by their name on the wire, from the contract as data. */
function wireNames(contract: unknown, kind: "methods" | "signals" | "properties"): Readonly<Record<string, unknown>> {
  const members = Object.entries(Object(at(contract, kind)));
  return Object.fromEntries(members.map(([identifier, member]) => [String(at(member, "name")), identifier]));
}

/** A bus that keeps the names of the methods that are called. */
function recordingBus(): { readonly calls: unknown[]; request(request: unknown): Promise<void> } {
  const calls: unknown[] = [];
  return {
    calls,
    request: async (request) => {
      calls.push(at(request, "member"));
    },
  };
}

function construct(type: unknown, ...args: readonly unknown[]): object {
  if (typeof type !== "function") throw new TypeError("not a class");
  return Reflect.construct(type, args);
}

const TARGET = { destination: "a.b", path: "/" };

/** Puts a recorder in the place of every function that opens a file or a socket, until the test ends. */
function recordOpening(): readonly string[] {
  const opened: string[] = [];
  for (const module of [fs, fs.promises, net, net.Socket.prototype, dns]) {
    for (const [key, value] of Object.entries(module)) {
      if (typeof value !== "function" || /^[A-Z_]/.test(key)) continue;
      Reflect.set(module, key, () => void opened.push(key));
      restore.push(() => Reflect.set(module, key, value));
    }
  }
  syncBuiltinESMExports();
  return opened;
}

const restore: (() => unknown)[] = [];
function stopRecording(): void {
  for (const one of restore.splice(0)) one();
  syncBuiltinESMExports();
}

test("G01 external entities: refused, and neither file nor socket is opened", async () => {
  const opened = recordOpening();
  const results = [];
  try {
    for (const doctype of [
      `<!DOCTYPE node [<!ENTITY x SYSTEM "file:///etc/passwd">]>`,
      `<!DOCTYPE node [<!ENTITY x PUBLIC "p" "http://127.0.0.1:9/x">]>`,
      `<!DOCTYPE node [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x">%x;]>`,
    ])
      results.push(await run(`${doctype}<node><interface name="a.&x;"/></node>`));
    // The standard document type has an address too; it is read, and nobody goes there.
    results.push(await run(`<!DOCTYPE node PUBLIC "-//x//EN" "http://127.0.0.1:9/x.dtd"><nodes/>`));
    expect(opened).toEqual([]);
    // The recorder does record.
    readFileSync("/etc/passwd");
    expect(opened).toEqual(["readFileSync"]);
  } finally {
    stopRecording();
  }
  expect(results.map(codes)).toEqual([["xml-dtd"], ["xml-dtd"], ["xml-dtd"], ["xml-root"]]);
});

test("G02 billion laughs, and a large entity many times", async () => {
  const layers = Array.from({ length: 9 }, (_, i) => `<!ENTITY a${i + 1} "${`&a${i};`.repeat(10)}">`);
  await refused(`<!DOCTYPE n [<!ENTITY a0 "lol">${layers.join("")}]><node>&a9;</node>`, "xml-dtd");
  await refused(`<!DOCTYPE n [<!ENTITY a "${"x".repeat(50_000)}">]><node>${"&a;".repeat(50_000)}</node>`, "xml-dtd");
  await refused(`<!DOCTYPE n [<!ENTITY a "${"x".repeat(4_000)}">]><node>${"&a;".repeat(50_000)}</node>`, "xml-entity");
  await accepted(`<!DOCTYPE n [<!ENTITY api "a.b">]><node><interface name="&api;.C"/></node>`);
});

test("G03 more than 1 MiB; an attribute of 20 MB", async () => {
  const padded = (bytes: number): Buffer => Buffer.from(`<node>${" ".repeat(bytes - 13)}</node>`);
  await refused(padded(1024 * 1024 + 1), "xml-too-large");
  await refused(`<node name="${"a".repeat(20_000_000)}"/>`, "xml-too-large");
  expect(lines(await run(padded(1024 * 1024)))).toEqual([]);
});

test("G04 65 and 100 000 nested nodes", async () => {
  const nested = (count: number): string => '<node name="n">'.repeat(count) + "</node>".repeat(count);
  await refused(nested(65), "xml-depth");
  await refused("<a>".repeat(100_000) + "</a>".repeat(100_000), "xml-depth");
  expect(lines(await run(nested(64)))).toEqual([]);
});

// biome-ignore format: one case a line
test.each([
  ["unclosed", `<node><interface name="a.b">`],
  ["mismatched", `<node><interface name="a.b"></node></interface>`],
  ["garbage", "not xml"],
  ["empty", ""],
  ["only space", "  \n "],
  ["two roots", "<node/><node/>"],
  ["trailing text", "<node/> x"],
  ["trailing CDATA", "<node/><![CDATA[x]]>"],
  ["unquoted attribute", "<node name=a/>"],
  ["unclosed comment", "<node><!-- </node>"],
])("G05 not well-formed: %s", (_, given) => refused(given, "xml-syntax"));

test("G06 duplicate attribute", () => refused(`<node><interface name="a.b" name="c.d"/></node>`, "xml-syntax"));

test("G07 NUL, bad UTF-8, UTF-16, UTF-8 BOM", async () => {
  await refused("<node>\0</node>", "xml-syntax");
  await refused(Buffer.from(`<node name="\xE4"/>`, "latin1"), "xml-encoding");
  await refused(Buffer.from(`\uFEFF<?xml version="1.0" encoding="UTF-16"?><node/>`, "utf16le"), "xml-encoding");
  await refused(Buffer.from(`\uFEFF<node/>`, "utf16le").swap16(), "xml-encoding");
  await accepted(Buffer.from(`\uFEFF${iface("a.b.C")}`));
});

test("G08 upper-case tags, wrong root, unknown element", async () => {
  await refused(`<NODE><INTERFACE NAME="a.b"/></NODE>`, "xml-root");
  await refused("<foo/>", "xml-root");
  const result = await accepted(spec(`<METHOD name="M"/><method name="N"/>`));
  expect(codes(result)).toEqual(["unknown-element"]);
});

test("G09 interface names that are paths: refused; file names come from checked names only", async () => {
  for (const name of ["../../x.y", "/etc/a.b", "a.b/../c", "a.b\\c", "..", "a..b"]) await refused(iface(name), "name");
  const anyName = fc.oneof(fc.string({ unit: "binary" }), fc.stringMatching(/^[a-cA-C._/\\-]{1,12}$/));
  await fc.assert(
    fc.asyncProperty(anyName, anyName, async (name, path) => {
      const shared = `<tp:generic-types xmlns:tp="http://telepathy.freedesktop.org/wiki/DbusSpec#extensions-v0"><tp:simple-type name="T" type="u"/></tp:generic-types>`;
      const { files } = await run({ "i.xml": iface(escaped(name)), [path]: shared });
      for (const file of files) expect(file.path).toMatch(/^[A-Za-z0-9_][A-Za-z0-9_.-]*\.ts$/);
    }),
    { numRuns: 200 },
  );
});

test("G10 interface names with quotes, line ends, placeholders", async () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: what a hostile spec holds
  for (const name of [`a.b";process.exit()//`, "a.b\nc", "a.${b}", "a.b\u2028c", "a.b`c"]) {
    await refused(iface(escaped(name).replaceAll("\n", "&#10;")), "name");
  }
});

test("G11 interface names: 255 and 256 characters, no dot, digit, hyphen, look-alikes", async () => {
  await accepted(iface(`a.${"b".repeat(253)}`));
  for (const name of [`a.${"b".repeat(254)}`, "nodot", "a.1b", "a.b-c", "\u0430.b.C", "a.b.", ".a.b", "a b.c"])
    await refused(iface(name), "name");
});

describe.skipIf(!hasCorpus)(`verdicts of libdbus${CORPUS_NOTE}`, () => {
  const verdicts = (): Readonly<Record<string, readonly (readonly [string, 0 | 1])[]>> =>
    JSON.parse(readFileSync(join(CORPUS, "validators/libdbus-verdicts.json"), "utf8"));
  const disagreements = (kind: string, isValid: (text: string) => boolean): readonly string[] =>
    (verdicts()[kind] ?? []).flatMap(([text, valid]) => (isValid(text) === (valid === 1) ? [] : [text]));

  test.each([
    ["interface", isInterfaceName],
    ["member", isMemberName],
    ["error", isErrorName],
    ["bus", isBusName],
    ["path", isObjectPath],
  ])("G11 no disagreement about names: %s", (kind, isValid) => {
    expect(verdicts()[kind]?.length).toBeGreaterThan(900);
    expect(disagreements(kind, isValid)).toEqual([]);
  });

  test("G20 no disagreement about signatures", () => {
    expect(verdicts()["signature"]?.length).toBeGreaterThan(3_900);
    expect(disagreements("signature", isSignature)).toEqual([]);
  });
});

test("G12 member names: injection, 256 characters, dot, empty, digit", async () => {
  for (const name of ["x(){};process.exit();//", "m".repeat(256), "a.b", "", "1m", "m-n", "\u043C"]) {
    for (const kind of ["method", "signal"]) await refused(spec(`<${kind} name="${name}"/>`), "name");
    // D-Bus lets property names have hyphens; everything else is refused there too.
    if (name !== "m-n") await refused(spec(`<property name="${name}" type="s" access="read"/>`), "name");
  }
  await accepted(method("m".repeat(255)));
});

test("G13 members called as Object.prototype's: renamed, wire names intact, no prototype changed", async () => {
  const names = ["__proto__", "constructor", "hasOwnProperty", "toString", "prototype", "valueOf", "__defineGetter__"];
  const before = Reflect.ownKeys(Object.prototype);
  const members = names.map(
    (name) =>
      `<method name="${name}"/><signal name="${name}"/><property name="${name}" type="s" access="read"/><annotation name="${name}" value="${name}"/>`,
  );
  const keys = names.map((name) => `<dct:key name="${name}" type="s"/>`).join("");
  const values = names.map((name, i) => `<tp:enumvalue suffix="${name}" value="${i}"/>`).join("");
  const types = `<dct:dictionary name="D">${keys}</dct:dictionary><tp:enum name="E">${values}</tp:enum>`;
  const result = await accepted(spec(members.join("") + types), true);
  const { C, D, E, CClient, CService } = load(result.files, "a.b.C.ts");
  for (const kind of ["methods", "signals", "properties"] as const) {
    const wire = wireNames(C, kind);
    expect(Object.keys(wire).toSorted()).toEqual(names.toSorted());
    expect(Object.values(wire).filter((name) => String(name) in {})).toEqual([]);
  }
  expect(Object.entries(Object(at(C, "annotations")))).toEqual(names.map((name) => [name, name]));
  expect(Object.values(Object(at(D, "entries"))).map((entry) => at(entry, "key"))).toEqual(names);
  expect(Object.values(Object(E))).toEqual(names.map((_, i) => i));
  const bus = recordingBus();
  const client = construct(CClient, bus, TARGET);
  for (const identifier of Object.values(wireNames(C, "methods")))
    await Reflect.apply(Object(at(client, String(identifier))), client, []);
  expect(bus.calls.toSorted()).toEqual(names.toSorted());
  expect(typeof CService).toBe("function");
  expect(Reflect.ownKeys(Object.prototype)).toEqual(before);
  expect(Object.getPrototypeOf({})).toBe(Object.prototype);
});

test("G14 members called as words of the language: the call reaches the wire name", async () => {
  const names = ["delete", "await", "class", "default", "arguments", "eval", "new", "this", "static", "yield", "async"];
  const result = await accepted(spec(names.map((name) => `<method name="${name}"/>`).join("")));
  expect(lines(result)).toEqual([]);
  const { CClient } = load(result.files, "a.b.C.ts");
  const bus = recordingBus();
  const client = construct(CClient, bus, TARGET);
  for (const name of names) await Reflect.apply(Object(at(client, name)), client, []);
  expect(bus.calls).toEqual(names);
});

test("G15 members called then, emit, on, off, dispose and as our own: renamed where needed, awaiting a client calls nothing", async () => {
  const ours = ["then", "properties", "signals"];
  const free = ["emit", "on", "off", "dispose", "call", "incoming", "super", "catch", "finally"];
  const result = await accepted(spec([...ours, ...free].map((name) => `<method name="${name}"/>`).join("")), true);
  const { C, CClient } = load(result.files, "a.b.C.ts");
  expect(wireNames(C, "methods")).toEqual(
    Object.fromEntries([...ours.map((name) => [name, `${name}$`]), ...free.map((name) => [name, name])]),
  );
  const bus = recordingBus();
  const client = construct(CClient, bus, TARGET);
  expect(await client).toBe(client);
  expect(bus.calls).toEqual([]);
});

test("G16 signals called error and newListener: nothing is thrown without a listener", async () => {
  const result = await accepted(spec(`<signal name="error"/><signal name="newListener"><arg type="s"/></signal>`));
  const { CService } = load(result.files, "a.b.C.ts");
  const service = construct(CService);
  Reflect.apply(Object(at(service, "signals", "error")), service, []);
  Reflect.apply(Object(at(service, "signals", "newListener")), service, ["x"]);
});

test("G17 duplicate method, interface, property, argumentless signal", async () => {
  for (const twice of [
    `<method name="M"/>`,
    `<signal name="S"/>`,
    `<property name="P" type="s" access="read"/>`,
    `<tp:simple-type name="T" type="u"/>`,
  ])
    await refused(spec(twice + twice), "duplicate");
  await refused(`<node><interface name="a.b"/><interface name="a.b"/></node>`, "duplicate");
});

describe("G18 names that fall together", () => {
  test("members that differ in case, or in kind only", async () => {
    const result = await accepted(
      spec(
        `<method name="Foo"/><method name="foo"/><signal name="Foo"/><property name="Foo" type="s" access="readwrite"/>`,
      ),
      true,
    );
    const { C } = load(result.files, "a.b.C.ts");
    expect(wireNames(C, "methods")).toEqual({ foo: "foo", Foo: "foo$" });
    expect(wireNames(C, "signals")).toEqual({ Foo: "foo" });
    expect(wireNames(C, "properties")).toEqual({ Foo: "foo" });
  });

  test("interfaces: distinct files, also where case is ignored", async () => {
    const names = ["a.b_c", "a.b.c", "a_b.c", "a.b.C", "A.B.C"];
    const { files } = await accepted(Object.fromEntries(names.map((name) => [`${name}.xml`, iface(name)])), true);
    expect(new Set(files.map(({ path }) => path.toLowerCase())).size).toBe(names.length);
    expect(files.map(({ text }) => /name: "([^"]*)"/.exec(text)?.[1]).toSorted()).toEqual(names.toSorted());
  });
});

test("G19 argument names: twice, reserved, none, not identifiers, code", async () => {
  const names = ["x", "x", "this", "arguments", "class", "await", "call", "incoming", "C", "0-foo-bar", "a b"];
  const hostile = "x: string){} process.exit(1); foo(";
  const args = [...names, hostile, "\u043D"].map((name) => `<arg name="${name}" type="s"/>`).join("");
  const result = await accepted(
    spec(`<method name="M">${args}<arg type="u"/><arg type="u"/></method><signal name="S">${args}</signal>`),
    true,
  );
  const text = textOf(result);
  expect(executed(text)).toEqual(["super", "this.$call"]);
  expect(/ m\(([^)]*)\): Promise/.exec(text)?.[1]?.match(/[\w$]+(?=\??:)/g)).toEqual(
    "x x$ this$ arguments$ class$ await$ call$ incoming$ c _0FooBar aB xStringProcessExit1Foo _ arg13 arg14 call".split(
      " ",
    ),
  );
  const { C } = load(result.files, "a.b.C.ts");
  expect(at(C, "methods", "m", "in", "11", "name")).toBe(hostile);
});

test("G21 a type of none or two complete types", async () => {
  for (const type of ["", "ss", "a{sv}s", "ii"]) {
    await refused(input(type), "signature-single");
    await refused(spec(`<property name="P" type="${type}" access="read"/>`), "signature-single");
  }
});

test("G22 arguments that add up to 255 and 256 characters", async () => {
  const args = (count: number): string => '<arg type="s"/>'.repeat(count);
  await accepted(spec(`<method name="M">${args(255)}</method><signal name="S">${args(255)}</signal>`));
  await refused(spec(`<method name="M">${args(256)}</method>`), "signature-length");
  await refused(spec(`<signal name="S">${args(256)}</signal>`), "signature-length");
  await refused(
    spec(`<method name="M">${args(256).replaceAll("/>", ' direction="out"/>')}</method>`),
    "signature-length",
  );
});

describe("G23 deep and long types", () => {
  const arrays = (depth: number): string => "a".repeat(depth);
  const structs = (depth: number, inner: string): string => "(".repeat(depth) + inner + ")".repeat(depth);
  const dicts = (depth: number, inner: string): string => "a{s".repeat(depth) + inner + "}".repeat(depth);
  // biome-ignore format: one case a line
  test.each([
    ["32 arrays", `${arrays(32)}i`, true],
    ["33 arrays", `${arrays(33)}i`, false],
    ["32 structs", structs(32, "i"), true],
    ["33 structs", structs(33, "i"), false],
    ["32 arrays of 32 structs", arrays(32) + structs(32, "i"), true],
    ["32 dictionaries", dicts(32, "v"), true],
    ["33 dictionaries", dicts(33, "v"), false],
    ["a struct of 253 fields: 255 characters", structs(1, "i".repeat(253)), true],
    ["a struct of 254 fields: 256 characters", structs(1, "i".repeat(254)), false],
  ])("%s", async (_, type, isValid) => {
    if (isValid) await accepted(input(type));
    else await refused(input(type), "signature");
  });
});

test("G24 what is no signature at all", async () => {
  for (const type of [
    "a{vs}",
    "a{(s)s}",
    "a{ass}",
    "{sv}",
    "()",
    "r",
    "e",
    "m",
    "(",
    ")",
    "a",
    "a{s}",
    "a{}",
    "a{sss}",
    "z",
    "\u00E9",
  ])
    await refused(input(type), "signature");
});

test("G25 directions and accesses", async () => {
  await refused(spec(`<method name="M"><arg type="s" direction="inout"/></method>`), "direction");
  await refused(spec(`<signal name="S"><arg type="s" direction="in"/></signal>`), "direction");
  await refused(spec(`<property name="P" type="s" access="admin"/>`), "access");
  await refused(spec(`<property name="P" type="s"/>`), "attribute-missing");
  const result = await accepted(
    spec(`<method name="M"><arg type="s"/></method><signal name="S"><arg type="s"/></signal>`),
  );
  expect(textOf(result)).toContain("m(arg0: string, call?: CallOptions): Promise<void>");
});

test("G26 doc text, annotations and defaults that try to become code", async () => {
  const hostile =
    // biome-ignore lint/suspicious/noTemplateCurlyInString: what a hostile spec holds
    "*/ process.exit(1) /* ` ${process.exit(2)} \u2028 process.exit(3) // '\"\\ </script> @deprecated {@link x} *";
  const text = escaped(hostile);
  const docs = [
    `<tp:docstring>${text}</tp:docstring>`,
    `<tp:docstring>x*<tp:em>/ process.exit(4) </tp:em><tp:code>${text}</tp:code><tp:pre>${text}\n*/</tp:pre></tp:docstring>`,
    `<tp:docstring>star*<![CDATA[/ process.exit(5) //]]><tp:ul><tp:li>*</tp:li><tp:li>/</tp:li></tp:ul></tp:docstring>`,
    `<annotation name="org.gtk.GDBus.DocString" value="${text}"/>`,
    `<tp:added version="${text}"/><tp:deprecated version="${text}"/>`,
  ];
  const result = await accepted(
    spec(
      docs
        .map(
          (doc, i) => `<method name="M${i}"><arg name="x" type="s">${doc}</arg>${doc}</method>
            <property name="P${i}" type="s" access="read">${doc}<annotation name="${text}" value="${text}"/></property>
            <dct:dictionary name="D${i}">${doc}<dct:key name="${text}" type="s" default="${text}" since="${text}">${doc}</dct:key></dct:dictionary>
            <tp:enum name="E${i}" type="s"><tp:enumvalue suffix="${text}" value="${text}">${doc}</tp:enumvalue></tp:enum>`,
        )
        .join(""),
    ),
  );
  const module = textOf(result);
  expect(statements(module).filter((one) => one.startsWith("!"))).toEqual([]);
  expect(executed(module)).toEqual(["super", "this.$call"]);
  const { C, E0, D0 } = load(result.files, "a.b.C.ts");
  expect(at(C, "properties", "p0", "annotations", hostile)).toBe(hostile);
  expect(Object.values(Object(E0))).toEqual([hostile]);
  expect(Object.values(Object(at(D0, "entries"))).map((entry) => at(entry, "key"))).toEqual([hostile]);
});

test("G27 annotations without a meaning", async () => {
  const emits = `<annotation name="org.freedesktop.DBus.Property.EmitsChangedSignal" value="sometimes"/>`;
  const warned = await accepted(spec(`<property name="P" type="s" access="read">${emits}</property>`));
  expect(codes(warned)).toEqual(["annotation-value"]);
  const noReply = `<annotation name="org.freedesktop.DBus.Method.NoReply" value="true"/>`;
  const ignored = await accepted(spec(`<method name="M"><arg type="s" direction="out"/>${noReply}</method>`));
  expect(codes(ignored)).toEqual(["annotation-value"]);
  expect(textOf(ignored)).not.toContain("noReply");
  await refused(spec(`<annotation name="" value="x"/>`), "annotation");
  await refused(spec(`<annotation name="x.y"/>`), "annotation");
});

test("G28 standard interfaces: another definition is refused, the right one generates nothing", async () => {
  for (const name of ["Properties", "Peer", "Introspectable", "ObjectManager"])
    await refused(spec(`<method name="Mine"/>`, `org.freedesktop.DBus.${name}`), "reserved-interface");
  await refused(spec(`<property name="P" type="s" access="read"/>`, "org.freedesktop.DBus.Peer"), "reserved-interface");
  const peer = `<method name="Ping"/><method name="GetMachineId"><arg type="s" direction="out"/></method>`;
  const result = await run(spec(peer, "org.freedesktop.DBus.Peer"));
  expect([lines(result), result.files]).toEqual([[], []]);
});

test("G29 child nodes that are paths", async () => {
  for (const name of ["../../etc", "/abs", "a/b", "..", "a\u2028", ""])
    await refused(`<node><node name="${name}"/></node>`, "name");
  expect(lines(await run(`<node name="/a/b"><node name="c_1"/></node>`))).toEqual([]);
});

test("G30 as many methods as a file can hold; 50 000 are too many bytes", async () => {
  const methods = (count: number): string =>
    spec(Array.from({ length: count }, (_, i) => `<method name="M${i}"/>`).join(""));
  await refused(methods(50_000), "xml-too-large");
  const result = await run(methods(40_000));
  expect(lines(result)).toEqual([]);
  expect(textOf(result).match(/abstract m\d+\(/g)).toHaveLength(40_000);
});

test("G31 the order of the files changes nothing", async () => {
  const tp = (body: string): string =>
    `<tp:generic-types xmlns:tp="http://telepathy.freedesktop.org/wiki/DbusSpec#extensions-v0">${body}</tp:generic-types>`;
  const files: Specs = {
    "x/types.xml": tp(`<tp:simple-type name="Handle" type="u"/><tp:enum name="Type"/>`),
    "y/types.xml": tp(`<tp:struct name="Handle"><tp:member name="A" type="u"/></tp:struct>`),
    "x/a.xml": spec(`<method name="then"/><property name="H" type="u" access="read" tp:type="Handle"/>`, "a.b.C"),
    "x/b.xml": spec(
      `<property name="H" type="u" access="read" tp:type="Nowhere"/><method name="Foo"/><method name="foo"/>`,
      "a.b.c",
    ),
    "y/c.xml": spec(`<property name="H" type="(u)" access="read" tp:type="Handle"/>`, "A.b.c"),
    "z/same.xml": spec(`<method name="then"/><property name="H" type="u" access="read" tp:type="Handle"/>`, "a.b.C"),
  };
  const first = await run(files);
  const want = [first.files, lines(first)];
  expect(want.map(({ length }) => length)).toEqual([5, 6]);
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray(Object.entries(files), { minLength: 6 }), async (shuffled) => {
      const again = await run(Object.fromEntries(shuffled));
      expect([again.files, lines(again)]).toEqual(want);
    }),
    { numRuns: 40 },
  );
});

test("G32 mutated specs: diagnostics or output, never an exception (test/fuzz has the long run)", async () => {
  for (let seed = 0; seed < 500; seed++) await run(mutant(seed));
});

describe("G33 what is in the way in the output folder", () => {
  test.each([
    ["a file of somebody else", (path: string) => writeFile(path, "export const mine = 1;\n")],
    ["a link to a file elsewhere", (path: string) => symlink("../elsewhere.ts", path)],
    ["a link to nothing", (path: string) => symlink("/nonexistent/elsewhere.ts", path)],
    ["a folder", (path: string) => mkdir(path)],
  ])("%s: refused, nothing is written", async (_, put) => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, "out"));
    await writeFile(join(folder, "elsewhere.ts"), "// @generated by dbus-codegen, and linked to\n");
    await writeFile(join(folder, "a.xml"), `<node><interface name="a.b.C"/><interface name="a.b.D"/></node>`);
    await put(join(folder, "out/a.b.C.ts"));
    const { code, out, err } = await cli(folder, "generate", "a.xml", "-o", "out");
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain("will not write out/a.b.C.ts");
    expect(await readdir(join(folder, "out"))).toEqual(["a.b.C.ts"]);
    expect(await readFile(join(folder, "elsewhere.ts"), "utf8")).toBe("// @generated by dbus-codegen, and linked to\n");
  });
});

test("G34 killed while it writes: every file is old or new", async () => {
  const folder = await temporaryFolder();
  const out = join(folder, "out");
  const names = ["a.b.C", "a.b.D", "a.b.E"];
  const texts = new Map<string, Set<string>>(names.map((name) => [`${name}.ts`, new Set()]));
  for (const version of ["Old", "New"]) {
    // Modules of some 100 kB: writing one takes a while.
    const members = Array.from({ length: 300 }, (_, i) => `<method name="${version}${i}"/>`).join("");
    await mkdir(join(folder, version));
    for (const name of names) await writeFile(join(folder, version, `${name}.xml`), spec(members, name));
    expect((await cli(folder, "generate", version, "-o", "out")).code).toBe(0);
    for (const [path, seen] of texts) seen.add(await readFile(join(out, path), "utf8"));
  }
  const loop = `const { main } = await import(${JSON.stringify(join(ROOT, "generator/dist/cli/main.js"))});
    for (;;) for (const version of ["Old", "New"])
      if ((await main(["generate", version, "-o", "out"])) !== 0) process.exit(1);`;
  for (let kills = 0; kills < 10; kills++) {
    const writes = watch(out)[Symbol.asyncIterator]();
    const firstWrite = writes.next();
    const child = spawn(process.execPath, ["--input-type=module", "-e", loop], { cwd: folder, stdio: "ignore" });
    onTestFinished(() => void child.kill("SIGKILL"));
    const ended = new Promise((done) => child.once("exit", (code, signal) => done([code, signal])));
    await firstWrite;
    for (let event = 0; event < kills; event++) await writes.next();
    child.kill("SIGKILL");
    expect(await ended).toEqual([null, "SIGKILL"]);
    await writes.return?.();
    for (const [path, seen] of texts) expect(seen.has(await readFile(join(out, path), "utf8")), path).toBe(true);
  }
  // The next run clears up what the killed ones left.
  await writeFile(join(out, ".dbus-codegen-0123456789ab.tmp"), "half a fi");
  expect((await cli(folder, "generate", "Old", "-o", "out")).code).toBe(0);
  expect((await cli(folder, "generate", "New", "-o", "out")).code).toBe(0);
  expect((await readdir(out)).toSorted()).toEqual([...texts.keys()]);
});
