import { describe, expect, test } from "vitest";
import { executed, load } from "../../modules.ts";
import { at, lines, run, spec, textOf } from "../../support.ts";
import { accepts, construct, identifiersOf, iface, recordingBus, TARGET } from "../verdict.ts";

test("renames members with names of Object.prototype, keeps their D-Bus names and changes no prototype [G13]", async () => {
  const names = ["__proto__", "constructor", "hasOwnProperty", "toString", "prototype", "valueOf", "__defineGetter__"];
  const before = Reflect.ownKeys(Object.prototype);
  const members = names.map(
    (name) =>
      `<method name="${name}"/><signal name="${name}"/><property name="${name}" type="s" access="read"/><annotation name="${name}" value="${name}"/>`,
  );
  const keys = names.map((name) => `<dct:key name="${name}" type="s"/>`).join("");
  const values = names.map((name, i) => `<tp:enumvalue suffix="${name}" value="${i}"/>`).join("");
  const types = `<dct:dictionary name="D">${keys}</dct:dictionary><tp:enum name="E">${values}</tp:enum>`;
  const result = await accepts(spec(members.join("") + types), true);
  const { C, D, E, CClient, CService } = load(result.files, "a.b.C.ts");
  for (const kind of ["methods", "signals", "properties"] as const) {
    const wire = identifiersOf(C, kind);
    expect(Object.keys(wire).toSorted()).toEqual(names.toSorted());
    expect(Object.values(wire).filter((name) => String(name) in {})).toEqual([]);
  }
  expect(Object.entries(Object(at(C, "annotations")))).toEqual(names.map((name) => [name, name]));
  expect(Object.values(Object(at(D, "entries"))).map((entry) => at(entry, "key"))).toEqual(names);
  expect(Object.values(Object(E))).toEqual(names.map((_, i) => i));
  const bus = recordingBus();
  const client = construct(CClient, bus, TARGET);
  for (const identifier of Object.values(identifiersOf(C, "methods")))
    await Reflect.apply(Object(at(client, String(identifier))), client, []);
  expect(bus.calls.toSorted()).toEqual(names.toSorted());
  expect(typeof CService).toBe("function");
  expect(Reflect.ownKeys(Object.prototype)).toEqual(before);
  expect(Object.getPrototypeOf({})).toBe(Object.prototype);
});

test("calls members with names of reserved words by their D-Bus names [G14]", async () => {
  const names = ["delete", "await", "class", "default", "arguments", "eval", "new", "this", "static", "yield", "async"];
  const result = await accepts(spec(names.map((name) => `<method name="${name}"/>`).join("")));
  expect(lines(result)).toEqual([]);
  const { CClient } = load(result.files, "a.b.C.ts");
  const bus = recordingBus();
  const client = construct(CClient, bus, TARGET);
  for (const name of names) await Reflect.apply(Object(at(client, name)), client, []);
  expect(bus.calls).toEqual(names);
});

test("renames members with names of the runtime, and awaiting a client calls no method [G15]", async () => {
  const ours = ["then", "properties", "signals"];
  const free = ["emit", "on", "off", "dispose", "call", "incoming", "super", "catch", "finally"];
  const result = await accepts(spec([...ours, ...free].map((name) => `<method name="${name}"/>`).join("")), true);
  const { C, CClient } = load(result.files, "a.b.C.ts");
  expect(identifiersOf(C, "methods")).toEqual(
    Object.fromEntries([...ours.map((name) => [name, `${name}$`]), ...free.map((name) => [name, name])]),
  );
  const bus = recordingBus();
  const client = construct(CClient, bus, TARGET);
  expect(await client).toBe(client);
  expect(bus.calls).toEqual([]);
});

test("emits signals named error and newListener without a listener and without an exception [G16]", async () => {
  const result = await accepts(spec(`<signal name="error"/><signal name="newListener"><arg type="s"/></signal>`));
  const { CService } = load(result.files, "a.b.C.ts");
  const service = construct(CService);
  Reflect.apply(Object(at(service, "signals", "error")), service, []);
  Reflect.apply(Object(at(service, "signals", "newListener")), service, ["x"]);
});

describe("gives colliding names different identifiers [G18]", () => {
  test("members that differ only in case or kind", async () => {
    const result = await accepts(
      spec(
        `<method name="Foo"/><method name="foo"/><signal name="Foo"/><property name="Foo" type="s" access="readwrite"/>`,
      ),
      true,
    );
    const { C } = load(result.files, "a.b.C.ts");
    expect(identifiersOf(C, "methods")).toEqual({ foo: "foo", Foo: "foo$" });
    expect(identifiersOf(C, "signals")).toEqual({ Foo: "foo" });
    expect(identifiersOf(C, "properties")).toEqual({ Foo: "foo" });
  });

  test("interfaces get different files, also on case-insensitive file systems", async () => {
    const names = ["a.b_c", "a.b.c", "a_b.c", "a.b.C", "A.B.C"];
    const { files } = await accepts(Object.fromEntries(names.map((name) => [`${name}.xml`, iface(name)])), true);
    expect(new Set(files.map(({ path }) => path.toLowerCase())).size).toBe(names.length);
    expect(files.map(({ text }) => /name: "([^"]*)"/.exec(text)?.[1]).toSorted()).toEqual(names.toSorted());
  });

  test("interfaces with long names get files whose names begin like theirs, also if only the ends differ", async () => {
    const long = `org.example.${"Long".repeat(60)}`;
    const { files } = await run(Object.fromEntries(["A", "B"].map((end) => [`${end}.xml`, iface(`${long}${end}`)])));
    expect(files.map(({ path }) => path.slice(0, 190))).toEqual([long.slice(0, 190), long.slice(0, 190)]);
    expect(new Set(files.map(({ path }) => path)).size).toBe(2);
  });
});

test("gives arguments unique identifiers, whatever their names are [G19]", async () => {
  const names = ["x", "x", "this", "arguments", "class", "await", "call", "incoming", "C", "0-foo-bar", "a b"];
  const hostile = "x: string){} process.exit(1); foo(";
  const args = [...names, hostile, "\u043D"].map((name) => `<arg name="${name}" type="s"/>`).join("");
  const result = await accepts(
    spec(`<method name="M">${args}<arg type="u"/><arg type="u"/></method><signal name="S">${args}</signal>`),
  );
  // Callers do not see the names of arguments.
  expect(lines(result)).toEqual([]);
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

test("names keys of a dictionary by their names for bindings", async () => {
  const names: readonly (readonly [string, string])[] = [
    ["802-11-wireless", "Wireless"],
    ["802-3-ethernet", "Ether_Net"],
    ["6lowpan", "x): any {} evil("],
    ["a.b/Name", "wireless"],
  ];
  const keys = names.map(([key, name]) => `<dct:key name="${key}" tp:name-for-bindings="${name}" type="s"/>`);
  const result = await accepts(spec(`<dct:dictionary name="D">${keys.join("")}</dct:dictionary>`));
  const { D } = load(result.files, "a.b.C.ts");
  const entries = Object.entries(Object(at(D, "entries"))).map(([member, entry]) => [member, at(entry, "key")]);
  expect(entries).toEqual([
    ["wireless", "802-11-wireless"],
    ["etherNet", "802-3-ethernet"],
    ["xAnyEvil", "6lowpan"],
    ["wireless$", "a.b/Name"],
  ]);
});

test("names keys of a dictionary without the name of an interface, and by the whole key if keys share the rest", async () => {
  const keys = [
    "im.example.Chat/contact-id",
    "IPv4",
    "IPv4.Configuration",
    "mDNS.Configuration",
    "a.b/Name",
    "Name",
    "encrypt.type",
    "x/y",
  ];
  const types = `<dct:dictionary name="D">${keys.map((name) => `<dct:key name="${name}" type="s"/>`).join("")}</dct:dictionary>`;
  const result = await accepts(spec(types));
  expect(lines(result)).toEqual([]);
  const { D } = load(result.files, "a.b.C.ts");
  const entries = Object.entries(Object(at(D, "entries"))).map(([member, entry]) => [member, at(entry, "key")]);
  expect(entries).toEqual([
    ["contactId", keys[0]],
    ["ipv4", keys[1]],
    ["ipv4Configuration", keys[2]],
    ["mDNSConfiguration", keys[3]],
    ["aBName", keys[4]],
    ["name", keys[5]],
    ["encryptType", keys[6]],
    ["xY", keys[7]],
  ]);
});

test("the errors of a namespace that is also an interface are in a separate module with a fixed name", async () => {
  const errors = `<tp:errors namespace="a.b.C"><tp:error name="Broken"/></tp:errors>`;
  const result = await accepts(spec("", "a.b.C").replace("</node>", `${errors}</node>`));
  expect(lines(result)).toEqual([]);
  expect(result.files.map(({ path }) => path)).toEqual(["a.b.C.errors.ts", "a.b.C.ts"]);
});
