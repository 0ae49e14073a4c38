import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { analyze, Diagnostics, generate, lint, render } from "dbus-codegen-ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mutant } from "../../../fuzz/mutate.ts";
import { runs } from "../../../setup/runs.ts";
import { mustCompile } from "../../must-compile.ts";
import { ROOT, run, type Specs, spec, textOf } from "../../support.ts";

const LAMP = spec(
  `<method name="Configure">
    <arg name="settings" type="a{sv}" direction="in"/>
    <arg type="u" direction="out"/>
  </method>
  <method name="Swap"><arg name="value" type="u" direction="in"/><arg name="value" type="u" direction="out"/></method>
  <signal name="Changed"><arg name="settings" type="a{sv}"/></signal>
  <property name="State" type="u" access="read"/>`,
  "org.example.Lamp1",
);

/** Returns an overlay of the interface org.example.Lamp1. */
function overlay(body: string, outside = ""): string {
  const xml = spec(body, "org.example.Lamp1").replace("<node ", '<node dct:overlay="org.example.Lamp1" ');
  return xml.replace("</node>", `${outside}</node>`);
}

const SETTINGS = `<dct:dictionary name="Settings"><dct:key name="Level" type="y" access="readwrite"/></dct:dictionary>`;

/** Returns the messages of the diagnostics of a lamp with an overlay. */
async function problems(body: string, lamp = LAMP): Promise<readonly string[]> {
  const { diagnostics } = await run({ "lamp.xml": lamp, "lamp.overlay.xml": overlay(body) });
  return diagnostics.map(({ severity, code, message }) => `${severity} ${code}: ${message}`);
}

test("an overlay adds types, documentation, errors and annotations to each kind of declaration", async () => {
  const added = overlay(
    `<tp:docstring>A lamp.</tp:docstring>
    ${SETTINGS}
    <tp:enum name="State"><tp:enumvalue suffix="Off" value="0"/><tp:enumvalue suffix="On" value="1"/></tp:enum>
    <annotation name="org.example.Of_Interface" value="1"/>
    <method name="Configure" dct:since="1.4">
      <tp:docstring>Changes settings.</tp:docstring>
      <annotation name="org.freedesktop.systemd1.Privileged" value="true"/>
      <arg name="settings" tp:type="Settings"><tp:docstring>The new settings.</tp:docstring></arg>
      <arg dct:index="1" name="count"><tp:docstring>Number of changes.</tp:docstring></arg>
      <tp:possible-errors><tp:error name="org.example.Error.Broken"/></tp:possible-errors>
    </method>
    <method name="Swap"><arg name="value" direction="out" tp:type="State"/></method>
    <signal name="Changed"><arg dct:index="0" tp:type="Settings"/></signal>
    <property name="State" type="u" access="read" tp:type="State"><tp:docstring>What it does.</tp:docstring></property>`,
    `<tp:errors namespace="org.example.Error"><tp:error name="Broken"/></tp:errors>`,
  );
  const result = await run({ "lamp.xml": LAMP, "lamp.overlay.xml": added });
  expect(result.diagnostics).toEqual([]);
  const text = textOf(result, "org.example.Lamp1.ts");
  for (const part of [
    "configure(settings: Settings, call?: CallOptions): Promise<number>",
    "swap(value: number, call?: CallOptions): Promise<State>",
    "changed: [settings: Settings];",
    "readonly state: State;",
    "* Changes settings.",
    "@param settings - The new settings.",
    "@returns Number of changes.",
    "@throws {@link BrokenError}",
    "@since 1.4",
    "/** What it does. */",
    '"org.freedesktop.systemd1.Privileged": "true"',
    '"org.example.Of_Interface": "1"',
    '{ name: "count", type: "u" }',
  ])
    expect(text).toContain(part);
  mustCompile(result.files);
});

test("an overlay replaces documentation and keeps what it does not mention", async () => {
  const lamp = LAMP.replace(
    `<property name="State" type="u" access="read"/>`,
    `<property name="State" type="u" access="read"><tp:docstring>Old.</tp:docstring><annotation name="a.B" value="1"/><annotation name="a.C" value="2"/></property>`,
  );
  const property = async (body: string): Promise<string> => {
    const files = { "lamp.xml": lamp, "lamp.overlay.xml": overlay(body) };
    return textOf(await run(files), "org.example.Lamp1.ts");
  };
  const renamed = await property(`<property name="State"><tp:docstring>New.</tp:docstring></property>`);
  expect([renamed.includes("Old."), renamed.includes("New.")]).toEqual([false, true]);
  const annotated = await property(`<property name="State"><annotation name="a.C" value="3"/></property>`);
  expect(annotated).toContain("/** Old. */");
  expect(annotated).toContain('annotations: { "a.B": "1", "a.C": "3" }');
});

describe("an overlay never changes what is on the wire", () => {
  // biome-ignore format: one case per line
  test.each([
    ["the type of an argument", `<method name="Configure"><arg name="settings" type="a{ss}"/></method>`, 'error overlay-mismatch: the type of the argument "settings" of Configure is "a{sv}", not "a{ss}"'],
    ["the direction of an argument", `<method name="Configure"><arg name="settings" direction="out"/></method>`, 'error overlay-mismatch: the direction of the argument "settings" of Configure is "in", not "out"'],
    ["the direction of a signal's argument", `<signal name="Changed"><arg name="settings" direction="in"/></signal>`, 'error overlay-mismatch: the direction of the argument "settings" of Changed is "out", not "in"'],
    ["the name of an argument", `<method name="Configure"><arg dct:index="0" name="other"/></method>`, 'error overlay-mismatch: the name of argument 0 of Configure is "settings", not "other"'],
    ["the type of a property", `<property name="State" type="s"/>`, 'error overlay-mismatch: the type of the property State is "u", not "s"'],
    ["the access of a property", `<property name="State" access="readwrite"/>`, 'error overlay-mismatch: the access of the property State is "read", not "readwrite"'],
    ["a named type with another signature", `${SETTINGS}<property name="State" tp:type="Settings"/>`, 'error type-mismatch: property State has type "u", but "Settings" is "a{sv}"'],
  ])("%s", async (_, body, expected) => {
    const { diagnostics, files } = await run({ "lamp.xml": LAMP, "lamp.overlay.xml": overlay(body) });
    expect(diagnostics.map(({ severity, code, message }) => `${severity} ${code}: ${message}`)).toEqual([expected]);
    expect(files).toEqual([]);
    const [diagnostic] = diagnostics;
    expect(diagnostic?.span.source.path).toBe("lamp.overlay.xml");
    expect(diagnostic?.related?.span.source.path).toBe("lamp.xml");
  });
});

describe("declarations that the target lacks are notes, unless they have a version", () => {
  // biome-ignore format: one case per line
  test.each([
    ["a method", `<method name="Blink"/>`, 'org.example.Lamp1 does not have the method "Blink"'],
    ["a signal", `<signal name="Blown"/>`, 'org.example.Lamp1 does not have the signal "Blown"'],
    ["a property", `<property name="Level"/>`, 'org.example.Lamp1 does not have the property "Level"'],
    ["an argument by name", `<method name="Configure"><arg name="mode"/></method>`, 'Configure does not have the argument "mode"'],
    ["an argument by index", `<method name="Configure"><arg dct:index="2"/></method>`, "Configure does not have an argument 2, counted from 0"],
    ["an argument by an index that is no number", `<method name="Configure"><arg dct:index="-1"/></method>`, "Configure does not have an argument -1, counted from 0"],
  ])("%s", async (_, body, expected) => {
    expect(await problems(body)).toEqual([`note overlay-unmatched: ${expected}`]);
    for (const version of ["since", "until"])
      expect(await problems(body.replace(/<(method name="Blink"|signal|property|arg)/, `<$1 dct:${version}="2"`))).toEqual([]);
  });

  test("an interface", async () => {
    const files = { "lamp.xml": LAMP, "other.overlay.xml": overlay(SETTINGS).replaceAll("Lamp1", "Lamp2") };
    const { diagnostics, files: modules } = await run(files);
    expect(render(diagnostics, "plain")).toBe(
      'other.overlay.xml:1:173 note overlay-unmatched: no given spec has the interface "org.example.Lamp2"\n',
    );
    expect(modules.map(({ path }) => path)).toEqual(["org.example.Lamp1.ts"]);
  });
});

describe("problems of an overlay itself", () => {
  // biome-ignore format: one case per line
  test.each([
    ["an argument without name and index", `<method name="Configure"><arg tp:type="S"/></method>`, ['error attribute-missing: <arg> of an overlay has neither a "name" nor a "dct:index"']],
    ["a member without a name", "<method/>", ['error attribute-missing: <method> has no "name"']],
    ["a misspelled element", "<metod/>", ["warning unknown-element: <metod> is not an element of <interface>; it is ignored"]],
    ["a misspelled attribute", `<method nam="a" name="Configure"/>`, ['warning unknown-attribute: "nam" is not an attribute of <method>; it is ignored']],
    ["a type that does not exist", `<property name="State" tp:type="No"/>`, ['warning type-unknown: the type "No" is not defined in the given specs']],
    ["a type that the target defines too", SETTINGS, ['error duplicate: the type "Settings" is defined twice']],
  ])("%s", async (_, body, expected) => {
    const lamp = body === SETTINGS ? LAMP.replace("<method", `${SETTINGS}<method`) : LAMP;
    expect(await problems(body, lamp)).toEqual(expected);
  });

  test("a name that is not a bus name", async () => {
    const { diagnostics } = await run({
      "a.xml": LAMP,
      "b.xml": overlay("").replace('overlay="org.example.Lamp1"', 'overlay="lamp"'),
    });
    expect(diagnostics.map(({ message }) => message)).toEqual(['"lamp" is not a bus name']);
  });

  test("a spec that is passed as an overlay", async () => {
    const { diagnostics } = await generate([{ path: "lamp.xml", content: LAMP, isOverlay: true }]);
    expect(diagnostics.map(({ code }) => code)).toEqual(["option-overlay"]);
  });
});

test("types are looked up in the folder of the overlay, then in that of the target, then in all", async () => {
  const kind = (name: string, value: string): string =>
    `<tp:enum name="Kind"><tp:enumvalue suffix="${name}" value="${value}"/></tp:enum>`;
  const files = (path: string, body: string): Specs => ({
    "specs/lamp.xml": LAMP.replace("<method", `${kind("Of_Target", "0")}<method`),
    "other/org.example.Other1.xml": spec(kind("Of_Other", "0"), "org.example.Other1"),
    [path]: overlay(`<property name="State" tp:type="Kind"/>${body}`),
  });
  const shared = `<tp:generic-types>${kind("Of_Overlay", "0")}</tp:generic-types>`;
  const typeOf = async (specs: Specs): Promise<string> => {
    const sources = Object.entries(specs).map(([path, content]) => ({ path, content }));
    const { ir } = analyze(sources, new Diagnostics());
    const [property] = ir.interfaces.find(({ name }) => name === "org.example.Lamp1")?.properties ?? [];
    return property?.type.kind === "named" && "values" in property.type.type
      ? (property.type.type.values[0]?.name ?? "")
      : "";
  };
  const inOverlay = files("overlays/lamp.xml", "");
  expect(await typeOf(inOverlay)).toBe("Of_Target");
  const withShared = {
    ...inOverlay,
    "overlays/lamp.xml": (inOverlay["overlays/lamp.xml"] ?? "").toString().replace("</node>", `${shared}</node>`),
  };
  expect(await typeOf(withShared)).toBe("Of_Overlay");
});

test("several overlays apply to one interface, in the order of their paths", async () => {
  const doc = (text: string): string =>
    overlay(`<property name="State"><tp:docstring>${text}</tp:docstring></property>`);
  const result = await run({ "lamp.xml": LAMP, "b.xml": doc("Second."), "a.xml": doc("First.") });
  expect(textOf(result)).toContain("/** Second. */");
  expect(textOf(result)).not.toContain("First.");
});

test("a lint setting makes missing declarations errors", () => {
  const sources = Object.entries({ "a.xml": LAMP, "b.xml": overlay(`<method name="Blink"/>`) }).map(
    ([path, content]) => ({ path, content }),
  );
  const severities = (rules: Parameters<typeof lint>[1]): readonly string[] =>
    lint(sources, rules).diagnostics.flatMap(({ code, severity }) => (code === "overlay-unmatched" ? [severity] : []));
  expect(severities({})).toEqual(["note"]);
  expect(severities({ rules: { "overlay-unmatched": "error" } })).toEqual(["error"]);
  expect(severities({ rules: { "overlay-unmatched": "off" } })).toEqual([]);
});

test("the settings of a NetworkManager profile are read, changed and written without a cast", async () => {
  const folder = join(ROOT, "generator/catalogue/networkmanager");
  const iface = "org.freedesktop.NetworkManager.Settings.Connection";
  const overlays = readdirSync(join(folder, "overlays")).filter(
    (name) => name === `${iface}.xml` || /^settings-/.test(name),
  );
  const { files, diagnostics } = await run({
    "spec.xml": readFileSync(join(folder, "specs", `${iface}.xml`)),
    ...Object.fromEntries(overlays.map((name) => [name, readFileSync(join(folder, "overlays", name))])),
  });
  expect(diagnostics.map(({ message }) => message)).toEqual([]);
  const program = `
    import type { ConnectionClient } from "./org.freedesktop.NetworkManager.Settings.Connection.js";
    export async function change(connection: ConnectionClient): Promise<readonly string[]> {
      const { ipv4, ...others } = await connection.getSettings();
      const addressData = [...(ipv4?.addressData ?? []), { address: "192.0.2.9", prefix: 24 }];
      await connection.update({ ...others, ipv4: { ...ipv4, method: "manual", addressData } });
      return Object.keys(others.extra ?? {});
    }`;
  mustCompile([...files, { path: "program.ts", text: program }]);
});

test("any XML as an overlay gives modules or diagnostics, never an exception", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 100_000 }), async (seed) => {
      const specs = mutant(seed);
      const sources = Object.entries(
        typeof specs === "string" || specs instanceof Uint8Array ? { "a.xml": specs } : specs,
      );
      const overlays = sources.map(([path, content]) => ({
        path: `overlay-${path}`,
        content: Buffer.from(content)
          .toString()
          .replace("<node", '<node xmlns:dct="urn:dbus-codegen-ts:dictionary:1" dct:overlay="a.b"'),
      }));
      await generate([...sources.map(([path, content]) => ({ path, content })), ...overlays]);
    }),
    { numRuns: runs(60) },
  );
});
