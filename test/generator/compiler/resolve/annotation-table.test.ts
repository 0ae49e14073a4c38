import { expect, test } from "vitest";
import { analyze } from "../../../../generator/compiler/analyze.ts";
import { Diagnostics } from "../../../../generator/compiler/diagnostics/diagnostic.ts";
import { propertyAnnotations } from "../../../../generator/compiler/resolve/annotation-table.ts";
import { spec } from "../../support.ts";

test.each([
  ["the value of the property", "false", "const", "false"],
  ["the value of the interface", undefined, "const", "const"],
  ["the value of the interface instead of an invalid one", "maybe", "invalidates", "invalidates"],
  ["true if both are invalid", "maybe", "", "true"],
  ["true if both are absent", undefined, undefined, "true"],
])("EmitsChangedSignal is %s", (_, ofProperty, ofInterface, expected) => {
  const annotations = (value: string | undefined): ReadonlyMap<string, string> =>
    new Map(value === undefined ? [] : [["org.freedesktop.DBus.Property.EmitsChangedSignal", value]]);
  expect(propertyAnnotations(annotations(ofProperty), annotations(ofInterface)).emits).toBe(expected);
});

test("the annotation Privileged of a member overrides that of its interface", () => {
  const privileged = (value: string): string =>
    `<annotation name="org.freedesktop.systemd1.Privileged" value="${value}"/>`;
  const content = spec(
    `${privileged("true")}<method name="Reset"/><method name="Show">${privileged("false")}</method>
     <property name="Mode" type="s" access="readwrite"/>`,
  );
  const { ir } = analyze([{ path: "a.xml", content }], new Diagnostics());
  const [iface] = ir.interfaces;
  expect(iface?.methods.map(({ name, privileged }) => [name, privileged])).toEqual([
    ["Reset", true],
    ["Show", false],
  ]);
  expect(iface?.properties.map(({ privileged }) => privileged)).toEqual([true]);
});
