import { Variant } from "@dbus-codegen-ts/runtime";
import { analyze, Diagnostics } from "dbus-codegen-ts";
import { expect, test } from "vitest";
import { describeUndeclaredKeys, findValueProblem } from "../../../../generator/tools/conform/value-problem.ts";
import { spec } from "../../support.ts";

const TYPES = `<tp:enum name="Mode"><tp:enumvalue suffix="Off" value="0"/></tp:enum>
  <dct:dictionary name="Inner" array-name="L"><dct:key name="mode" type="u" tp:type="Mode"/><dct:keys name="H" pattern="x-*" type="s"/></dct:dictionary>
  <dct:dictionary name="Outer" type="a{sa{sv}}"><dct:key name="inner" tp:type="Inner"/></dct:dictionary>
  <tp:struct name="Pair"><tp:member name="Name" type="s"/><tp:member name="Inner" type="a{sv}" tp:type="Inner"/></tp:struct>
  <tp:mapping name="Map"><tp:member name="K" type="o"/><tp:member name="V" type="a{sv}" tp:type="Inner"/></tp:mapping>
  <dct:dictionary name="Disk"><dct:key name="kind" type="s"/><dct:key name="size" type="t"/></dct:dictionary>
  <dct:choice name="Medium" key="kind"><dct:case value="disk" tp:type="Disk"/></dct:choice>
  <dct:choice name="Slot" type="(sa{sv})" key="Kind" entries="Details"><dct:case value="disk" tp:type="Disk"/></dct:choice>`;

function typeOf(signature: string, name: string) {
  const property = `<property name="P" type="${signature}" tp:type="${name}" access="read"/>`;
  const { ir } = analyze([{ path: "a.xml", content: spec(TYPES + property) }], new Diagnostics());
  const type = ir.interfaces[0]?.properties[0]?.type;
  if (type?.signature !== signature) throw new Error(`there is no type ${name}`);
  return type;
}

const text = (value: string): Variant => new Variant("s", value);
const INNER = { mode: text("on"), other: text("") };
const WRONG = 'the key mode of Inner has the type "s", not "u"';
const OTHER = "no spec declares these keys of Inner: other";

test.each<readonly [string, string, unknown, string | undefined, string | undefined]>([
  ["a{sv}", "Inner", INNER, WRONG, OTHER],
  ["aa{sv}", "Inner[]", [{}, INNER], WRONG, OTHER],
  ["a{sa{sv}}", "Outer", { inner: INNER, more: {} }, WRONG, `no spec declares these keys of Outer: more; ${OTHER}`],
  ["(sa{sv})", "Pair", ["", INNER], WRONG, OTHER],
  ["a{oa{sv}}", "Map", new Map([["/", INNER]]), WRONG, OTHER],
  ["a{sv}", "Inner", { mode: new Variant("u", 7) }, '"7" is not a value of Mode', undefined],
  ["a{sv}", "Inner", { mode: new Variant("u", 0), "x-a": text("") }, undefined, undefined],
  ["a{sv}", "Inner", { "x-a": new Variant("u", 0) }, 'the key x-a of Inner has the type "u", not "s"', undefined],
  [
    "a{sv}",
    "Medium",
    { kind: text("disk"), size: text("") },
    'the key size of Disk has the type "s", not "t"',
    undefined,
  ],
  ["a{sv}", "Medium", { kind: text("drum") }, undefined, "no spec declares these keys of Medium: kind"],
  ["(sa{sv})", "Slot", ["disk", { size: text("") }], 'the key size of Disk has the type "s", not "t"', undefined],
  ["(sa{sv})", "Slot", ["disk", { size: new Variant("t", 1n) }], undefined, undefined],
  ["(sa{sv})", "Slot", ["drum", { size: text("") }], undefined, "no spec declares these keys of Slot: size"],
])("keys are checked inside %s of the type %s (%#)", (signature, name, value, problem, undeclared) => {
  const type = typeOf(signature, name);
  expect(findValueProblem(type, value)?.message).toBe(problem);
  expect(describeUndeclaredKeys(type, value)).toBe(undeclared);
});
