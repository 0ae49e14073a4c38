import { Variant } from "@dbus-codegen-ts/runtime";
import { analyze, Diagnostics } from "dbus-codegen-ts";
import { expect, test } from "vitest";
import { readScript } from "../../../../generator/tools/mock/read-script.ts";
import { spec } from "../../support.ts";

const SPEC = spec(
  `<dct:dictionary name="Inner"><dct:key name="id" type="s"/><dct:keys name="Hints" pattern="x-*" type="u"/></dct:dictionary>
  <dct:dictionary name="Profile" type="a{sa{sv}}"><dct:key name="inner" tp:type="Inner"/></dct:dictionary>
  <dct:dictionary name="Disk"><dct:key name="kind" type="s"/><dct:key name="size" type="t"/></dct:dictionary>
  <dct:choice name="Medium" key="kind"><dct:case value="disk" tp:type="Disk"/></dct:choice>
  <dct:choice name="Slot" type="(sa{sv})" key="Kind" entries="Details"><dct:case value="disk" tp:type="Disk"/></dct:choice>
  <property name="Slot" type="(sa{sv})" tp:type="Slot" access="read"/>
  <property name="Profile" type="a{sa{sv}}" tp:type="Profile" access="read"/>
  <property name="Medium" type="a{sv}" tp:type="Medium" access="read"/>`,
);

function propertiesOf(text: string): {
  readonly values: unknown;
  readonly messages: readonly string[];
  readonly hints: readonly (string | undefined)[];
} {
  const diagnostics = new Diagnostics();
  const { interfaces } = analyze([{ path: "a.xml", content: SPEC }], diagnostics).ir;
  const content = `a.b.C:\n  properties:\n    ${text}\n`;
  const [object] = readScript({ path: "values.yaml", content }, interfaces, "/a", diagnostics);
  const sorted = diagnostics.sorted();
  return {
    values: object?.interfaces[0]?.properties,
    messages: sorted.map(({ message }) => message),
    hints: sorted.map(({ hint }) => hint),
  };
}

test.each([
  [
    "Profile: { inner: { id: a, x-b: 7 } }",
    { Profile: { inner: { id: new Variant("s", "a"), "x-b": new Variant("u", 7) } } },
  ],
  ["Profile: { other: { a: { signature: s, value: b } } }", { Profile: { other: { a: new Variant("s", "b") } } }],
  ["Medium: { kind: disk, size: 7 }", { Medium: { kind: new Variant("s", "disk"), size: new Variant("t", 7n) } }],
  ["Medium: { size: { signature: u, value: 7 } }", { Medium: { size: new Variant("u", 7) } }],
  ["Slot: [disk, { size: 7 }]", { Slot: ["disk", { size: new Variant("t", 7n) }] }],
  ["Slot: [drum, { size: { signature: u, value: 7 } }]", { Slot: ["drum", { size: new Variant("u", 7) }] }],
])("a script has values of all kinds of dictionaries: %s", (text, expected) => {
  const { values, messages } = propertiesOf(text);
  expect(messages).toEqual([]);
  expect(values).toMatchObject(expected);
});

test.each([
  ["Profile: { inner: { x-b: text } }", 'Profile[inner][x-b] is a whole number from 0 to 4294967295, not "text"'],
  ["Profile: { other: 7 }", "Profile[other] is a map, not 7"],
  ["Medium: { kind: drum, size: 7 }", 'Medium[kind] is a variant, not "drum"'],
  ["Slot: [disk, { size: text }]", "is a whole number"],
  ["Slot: [drum, { size: 7 }]", "is a variant, not 7"],
])("a value of another type is reported: %s", (text, expected) => {
  expect(propertiesOf(text).messages[0]).toContain(expected);
});

test.each([
  ["text", "s"],
  ["7", "i"],
  ["4000000000", "x"],
  ["0.5", "d"],
  ["true", "b"],
  ["[a, b]", "as"],
  ["[a, 7]", "av"],
  ["{ a: 7 }", "a{sv}"],
])("a variant without a signature, %s, is reported with one that fits", (text, signature) => {
  const { hints } = propertiesOf(`Medium: { kind: drum, size: { signature: u, value: 7 }, other: ${text} }`);
  expect(hints.at(-1)).toBe(`write { signature: ${signature}, value: … }`);
});
