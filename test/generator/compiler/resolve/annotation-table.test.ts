import { expect, test } from "vitest";
import { analyze } from "../../../../generator/compiler/analyze.ts";
import { Diagnostics } from "../../../../generator/compiler/diagnostics/diagnostic.ts";
import { KNOWN_ANNOTATIONS } from "../../../../generator/compiler/resolve/annotation-table.ts";
import { topicOf } from "../../../../generator/tools/explain/explain.ts";
import { spec } from "../../support.ts";

test("every change that the table names is a kind of change", () => {
  const changes = [...KNOWN_ANNOTATIONS.values()].flatMap((annotation) => annotation.changes);
  expect(changes.filter((code) => topicOf(code)?.kind !== "change")).toEqual([]);
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
