import { describe, expect, test } from "vitest";
import { analyze } from "../../../../generator/compiler/analyze.ts";
import { Diagnostics } from "../../../../generator/compiler/diagnostics/diagnostic.ts";
import { codes, lines, run, spec, textOf } from "../../support.ts";
import { accepts, input, rejects } from "../verdict.ts";

test("rejects duplicate methods, signals, properties, types and interfaces [G17]", async () => {
  for (const twice of [
    `<method name="M"/>`,
    `<signal name="S"/>`,
    `<property name="P" type="s" access="read"/>`,
    `<tp:simple-type name="T" type="u"/>`,
  ])
    await rejects(spec(twice + twice), "duplicate");
  await rejects(`<node><interface name="a.b"/><interface name="a.b"/></node>`, "duplicate");
});

test("leaves members with invalid names out of the IR", () => {
  const content = spec(
    `<method name="1"/><signal name="a.b"/><property name="" type="s" access="read"/><method name="M"/>`,
  );
  const { interfaces } = analyze([{ path: "a.xml", content }], new Diagnostics()).ir;
  const names = interfaces.flatMap(({ methods, signals, properties }) => [...methods, ...signals, ...properties]);
  expect(names.map(({ name }) => name)).toEqual(["M"]);
});

test("rejects errors with invalid names, and errors that are defined twice", async () => {
  const errors = (namespace: string, name: string): string =>
    `<tp:errors xmlns:tp="http://telepathy.freedesktop.org/wiki/DbusSpec#extensions-v0" namespace="${namespace}"><tp:error name="${name}"/></tp:errors>`;
  await accepts({ "a.xml": errors("a.Error", "Not Found"), "b.xml": errors("b.Error", "NotFound") });
  await rejects({ "a.xml": errors("Error", "NotFound") }, "name");
  await rejects({ "a.xml": errors("a.Error", "1") }, "name");
  await rejects({ "a.xml": errors("a.Error", "No"), "b.xml": errors("a.Error", "Yes") }, "duplicate");
});

test("rejects a type that is not exactly one complete type [G21]", async () => {
  for (const type of ["", "ss", "a{sv}s", "ii"]) {
    await rejects(input(type), "signature-single");
    await rejects(spec(`<property name="P" type="${type}" access="read"/>`), "signature-single");
  }
});

test("rejects arguments whose signature has more than 255 characters [G22]", async () => {
  const args = (count: number): string => '<arg type="s"/>'.repeat(count);
  await accepts(spec(`<method name="M">${args(255)}</method><signal name="S">${args(255)}</signal>`));
  await rejects(spec(`<method name="M">${args(256)}</method>`), "signature-length");
  await rejects(spec(`<signal name="S">${args(256)}</signal>`), "signature-length");
  await rejects(
    spec(`<method name="M">${args(256).replaceAll("/>", ' direction="out"/>')}</method>`),
    "signature-length",
  );
});

describe("limits the depth and length of types [G23]", () => {
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
    if (isValid) await accepts(input(type));
    else await rejects(input(type), "signature");
  });
});

test("rejects invalid signatures [G24]", async () => {
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
    await rejects(input(type), "signature");
});

test("rejects unknown directions and accesses [G25]", async () => {
  await rejects(spec(`<method name="M"><arg type="s" direction="inout"/></method>`), "direction");
  await rejects(spec(`<signal name="S"><arg type="s" direction="inout"/></signal>`), "direction");
  await rejects(spec(`<property name="P" type="s" access="admin"/>`), "access");
  await rejects(spec(`<property name="P" type="s"/>`), "attribute-missing");
  const result = await accepts(
    spec(`<method name="M"><arg type="s"/></method><signal name="S"><arg type="s"/></signal>`),
  );
  expect(textOf(result)).toContain("m(arg0: string, call?: CallOptions): Promise<void>");
});

test("ignores standard annotations with invalid values, with a warning [G27]", async () => {
  const emits = `<annotation name="org.freedesktop.DBus.Property.EmitsChangedSignal" value="sometimes"/>`;
  const warned = await accepts(spec(`<property name="P" type="s" access="read">${emits}</property>`));
  expect(codes(warned)).toEqual(["annotation-value"]);
  const noReply = `<annotation name="org.freedesktop.DBus.Method.NoReply" value="true"/>`;
  const ignored = await accepts(spec(`<method name="M"><arg type="s" direction="out"/>${noReply}</method>`));
  expect(codes(ignored)).toEqual(["annotation-value"]);
  expect(textOf(ignored)).not.toContain("noReply");
  await rejects(spec(`<annotation name="" value="x"/>`), "annotation");
  await rejects(spec(`<annotation name="x.y"/>`), "annotation");
});

test("generates a standard interface with other members, with a warning, and nothing for a correct one [G28]", async () => {
  for (const name of ["Properties", "Peer", "Introspectable", "ObjectManager"]) {
    const result = await accepts(spec(`<method name="Mine"/>`, `org.freedesktop.DBus.${name}`));
    expect([codes(result), result.files.map(({ path }) => path)]).toEqual([
      ["reserved-interface"],
      [`org.freedesktop.DBus.${name}.ts`],
    ]);
  }
  const property = await accepts(spec(`<property name="P" type="s" access="read"/>`, "org.freedesktop.DBus.Peer"));
  expect(codes(property)).toEqual(["reserved-interface"]);
  const peer = `<method name="Ping"/><method name="GetMachineId"><arg type="s" direction="out"/></method>`;
  const result = await run(spec(peer, "org.freedesktop.DBus.Peer"));
  expect([lines(result), result.files]).toEqual([[], []]);
});
