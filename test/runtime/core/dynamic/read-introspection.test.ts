import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { Interface } from "../../../../generator/compiler/resolve/ir.ts";
import { readLiveDocument } from "../../../../generator/tools/introspect/live-document.ts";
import { InvalidIntrospectionError } from "../../../../runtime/core/dynamic/invalid-introspection.ts";
import { nearestName } from "../../../../runtime/core/dynamic/nearest-name.ts";
import {
  type IntrospectedInterface,
  type Introspection,
  readIntrospection as readInSteps,
} from "../../../../runtime/core/dynamic/read-introspection.ts";
import { runToEnd } from "../fixtures/run-to-end.ts";

const ROOT = fileURLToPath(new URL("../../../..", import.meta.url));

const readIntrospection = (document: string): Introspection => runToEnd(readInSteps(document)).result;

const lamp = (members: string): string => `<node><interface name="org.example.Lamp">${members}</interface></node>`;

/** Returns members as texts such as `Blink(times: u) → (s)`. */
function members({ methods, signals, properties }: IntrospectedInterface): string[] {
  const list = (args: readonly { name?: string; type: string }[]): string =>
    `(${args.map(({ name, type }) => (name === undefined ? type : `${name}: ${type}`)).join(", ")})`;
  return [
    ...[...methods.values()]
      .flat()
      .map((method) => `${method.name}${list(method.in)} → ${method.noReply ? "no reply" : list(method.out)}`),
    ...[...signals.values()].map(({ name, args }) => `signal ${name}${list(args)}`),
    ...[...properties.values()].map(({ name, type, access, emits }) => `${name}: ${type} ${access} ${emits}`),
  ];
}

describe("an interface has the members", () => {
  const NO_REPLY = '<annotation name="org.freedesktop.DBus.Method.NoReply" value="true"/>';
  const emits = (value: string) =>
    `<annotation name="org.freedesktop.DBus.Property.EmitsChangedSignal" value="${value}"/>`;
  test.each([
    [
      '<method name="Blink"><arg name="times" type="u"/><arg type="s" direction="out"/></method>',
      ["Blink(times: u) → (s)"],
    ],
    [`<method name="Blink"><arg type="a{sv}" direction="in"/>${NO_REPLY}</method>`, ["Blink(a{sv}) → no reply"]],
    [`<method name="Blink"><arg type="s" direction="out"/>${NO_REPLY}</method>`, ["Blink() → (s)"]],
    ['<method name="Set"/><method name="Set"><arg type="s"/></method>', ["Set() → ()", "Set(s) → ()"]],
    ['<method name="Set"><arg name="a&#10;b" type="s"/></method>', ["Set(s) → ()"]],
    ['<signal name="Blinked"><arg name="times" type="u" direction="in"/></signal>', ["signal Blinked(times: u)"]],
    ['<property name="Level" type="y" access="readwrite"/>', ["Level: y readwrite true"]],
    [`${emits("invalidates")}<property name="Level" type="y" access="read"/>`, ["Level: y read invalidates"]],
    [`<property name="A" type="y" access="read">${emits("const")}</property>${emits("false")}`, ["A: y read const"]],
    [`<property name="A" type="y" access="read">${emits("maybe")}</property>`, ["A: y read true"]],
    ['<property name="power-saver" type="b" access="read"/>', ["power-saver: b read true"]],
    ['<property name="__proto__" type="y" access="read"/>', ["__proto__: y read true"]],
    ['<doc:doc><method name="Not"/></doc:doc><unknown><method name="Not"/></unknown>', []],
  ])("%s", (xml, expected) => {
    const { interfaces, problems } = readIntrospection(lamp(xml));
    expect([...interfaces.values()].flatMap(members)).toEqual(expected);
    expect(problems).toEqual([]);
  });
});

test.each([
  ['<method name="1"/>', 'method "1" of org.example.Lamp: it is not a member name'],
  ['<method name="Set"><arg type="z"/></method>', 'method "Set" of org.example.Lamp: "z" is not one complete type'],
  ['<method name="Set"><arg type="ss"/></method>', 'method "Set" of org.example.Lamp: "ss" is not one complete type'],
  ['<method name="Set"><arg/></method>', 'method "Set" of org.example.Lamp: "" is not one complete type'],
  [
    '<method name="Set"><arg type="s" direction="up"/></method>',
    'method "Set" of org.example.Lamp: "up" is not a direction',
  ],
  ['<property name="a-" type="s" access="read"/>', 'property "a-" of org.example.Lamp: it is not a member name'],
  ['<method name="a-b"/>', 'method "a-b" of org.example.Lamp: it is not a member name'],
  ['<property name="A" type="s"/>', 'property "A" of org.example.Lamp: "" is not an access'],
  ['<signal name="A"/><signal name="A"/>', 'signal "A" of org.example.Lamp: it is declared twice'],
])("%s is left out", (xml, problem) => {
  const { interfaces, problems } = readIntrospection(lamp(`${xml}<method name="Valid"/>`));
  expect([...(interfaces.get("org.example.Lamp")?.methods.keys() ?? [])]).toEqual(["Valid"]);
  expect(problems).toEqual([problem]);
});

test("child nodes and interfaces with invalid names are left out", () => {
  const { interfaces, children, problems } = readIntrospection(
    '<node name="/x"><node name="a"><interface name="org.example.Inner"/></node><node name="b/c"/><node name="/d"/><node/>' +
      '<interface name="Lamp"/><interface name="org.example.A"/><interface name="org.example.A"/></node>',
  );
  expect([...interfaces.keys()]).toEqual(["org.example.A"]);
  expect(children).toEqual(["a", "b/c"]);
  expect(problems).toHaveLength(4);
});

test.each([
  ["<interface name='org.example.Lamp'/>", 'the root element is "interface", not "node"'],
  [
    `<node>${Array.from({ length: 1001 }, (_, index) => `<interface name="a.b${index}"/>`).join("")}</node>`,
    "more than 1000 interfaces",
  ],
])("%s is refused", (document, problem) => {
  expect(() => readIntrospection(document)).toThrow(InvalidIntrospectionError);
  expect(() => readIntrospection(document)).toThrow(problem);
});

test("members are read in steps, and a member has at most 510 arguments", () => {
  const argument = '<arg type="s"/>';
  expect(runToEnd(readInSteps(lamp('<method name="A"/>'.repeat(1024)))).pauses).toBe(8);
  const { interfaces, problems } = readIntrospection(lamp(`<signal name="A">${argument.repeat(511)}</signal>`));
  expect([interfaces.get("org.example.Lamp")?.signals.size, problems]).toEqual([
    0,
    ['signal "A" of org.example.Lamp: it has more than 510 arguments'],
  ]);
});

test("at most 100 problems are reported", () => {
  expect(readIntrospection(lamp('<method name="1"/>'.repeat(200))).problems).toHaveLength(100);
});

describe("the interfaces are those that the generator reads", () => {
  const folders = [
    "specs",
    "generator/catalogue",
    "test/e2e/specs",
    "test/runtime/core/specs",
    "test/data/hostile-xml",
  ];
  const files = folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".xml") && !file.includes("node_modules") && !file.includes("overlays"))
      .map((file) => `${folder}/${file}`),
  );

  test("in at least 100 specs", () => {
    const compared = files.flatMap((path) => {
      const content = readFileSync(join(ROOT, path), "utf8");
      const { objects, diagnostics } = readLiveDocument({ path, content }, "/");
      const [object] = objects;
      // After an error, the generator leaves out the interface, and this reader leaves out the member. Other namespaces
      // and document types are not read by this reader.
      if (object === undefined || diagnostics.some(({ severity }) => severity === "error")) return [];
      if (!/<node[\s>]/.test(content) || /<!DOCTYPE[^>]*\[|<(tp|dct):|xmlns=|<node[^>]*dct:overlay/.test(content))
        return [];
      // If interfaces have the same name, this reader uses the first one.
      const firsts = new Map(object.interfaces.toReversed().map((iface) => [iface.name, membersOfIr(iface)]));
      const expected = [...firsts];
      const { interfaces } = readIntrospection(content);
      const read = [...interfaces.values()].filter(({ name }) => !object.standard.includes(name));
      expect([path, read.map((iface) => [iface.name, members(iface)]).sort()]).toEqual([path, expected.sort()]);
      return [path];
    });
    expect(compared.length).toBeGreaterThan(100);
  });
});

function membersOfIr({ methods, signals, properties }: Interface): string[] {
  const list = (args: Interface["signals"][number]["args"]): string =>
    `(${args.map(({ name, type }) => (/^[\w.-]{1,64}$/.test(name) ? `${name}: ${type.signature}` : type.signature)).join(", ")})`;
  const groups = new Map<string, string[]>();
  for (const { name, in: inputs, out, noReply } of methods)
    groups.set(name, [...(groups.get(name) ?? []), `${name}${list(inputs)} → ${noReply ? "no reply" : list(out)}`]);
  return [
    ...[...groups.values()].flat(),
    ...signals.map(({ name, args }) => `signal ${name}${list(args)}`),
    ...properties.map(({ name, type, access, emits }) => `${name}: ${type.signature} ${access} ${emits}`),
  ];
}

test.each([
  ["SetBrightnes", ["GetBrightness", "SetBrightness", "Set"], "SetBrightness"],
  ["setbrightness", ["SetBrightness"], "SetBrightness"],
  ["Get", ["Set", "Got", "Reset"], "Set"],
  ["Blink", ["Shine", "Burn"], undefined],
  ["x".repeat(65), ["x".repeat(65)], undefined],
  ["a", ["b"], "b"],
])("the nearest name to %s of %s is %s", (name, candidates, nearest) => {
  expect(nearestName(name, candidates)).toBe(nearest);
});
