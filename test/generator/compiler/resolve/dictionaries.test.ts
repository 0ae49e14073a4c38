import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { analyze } from "../../../../generator/compiler/analyze.ts";
import { Diagnostics } from "../../../../generator/compiler/diagnostics/diagnostic.ts";
import { mustCompile } from "../../must-compile.ts";
import { ROOT, run, spec } from "../../support.ts";

const USE = `<property name="P" type="a{sv}" tp:type="D" access="read"/>`;

async function problemsOf(body: string): Promise<readonly string[]> {
  return (await run(spec(body))).diagnostics.map(({ code, message }) => `${code}: ${message}`);
}

describe("dictionaries", () => {
  // biome-ignore format: one case per line
  test.each([
    ["with another type of values need no type at keys", `<dct:dictionary name="D" type="a{sa{sv}}"><dct:key name="a"/></dct:dictionary>`, []],
    ["with another type of values cannot have keys of other types", `<dct:dictionary name="D" type="a{su}"><dct:key name="a" type="s"/></dct:dictionary>`,
      [`type-mismatch: "a" has type "s", but all values of D are "u"`]],
    ["have string keys", `<dct:dictionary name="D" type="a{ou}"/>`, [`type-definition: a dictionary has string keys, as in a{sv}, not "a{ou}"`]],
    ["are dictionaries", `<dct:dictionary name="D" type="as"/>`, [`type-definition: a dictionary has string keys, as in a{sv}, not "as"`]],
    ["are used with their signature", `<dct:dictionary name="D" type="a{ss}"/>${USE}`,
      [`type-mismatch: property P has type "a{sv}", but "D" is "a{ss}"`]],
    ["have patterns with one *", `<dct:dictionary name="D"><dct:keys name="K" pattern="a" type="s"/><dct:keys name="L" pattern="*-*" type="s"/></dct:dictionary>`,
      [`type-definition: the pattern "a" does not contain exactly one *`, `type-definition: the pattern "*-*" does not contain exactly one *`]],
    ["have each key once", `<dct:dictionary name="D"><dct:key name="a" type="s"/><dct:key name="a" type="u"/></dct:dictionary>`,
      [`duplicate: the key "a" is defined twice`]],
    ["can contain a struct that contains them", `<tp:struct name="S"><tp:member name="D" type="a{sv}" tp:type="D"/></tp:struct><dct:dictionary name="D"><dct:key name="s" type="(a{sv})" tp:type="S"/></dct:dictionary>`, []],
    ["have each pattern once", `<dct:dictionary name="D"><dct:keys name="K" pattern="*" type="s"/><dct:keys name="L" pattern="*" type="u"/></dct:dictionary>`,
      [`duplicate: the pattern "*" is defined twice`]],
    ["have patterns with a name and a type", `<dct:dictionary name="D"><dct:keys pattern="*" type="s"/><dct:keys name="L" pattern="*"/></dct:dictionary>`,
      [`attribute-missing: <dct:keys> has no "name"`, `attribute-missing: <dct:keys> has no "type"`]],
  ])("%s", async (_, body, expected) => {
    expect(await problemsOf(body)).toEqual(expected);
  });
});

test("dictionaries can form a chain of any length", () => {
  const names = Array.from({ length: 3000 }, (_, index) => `D${index}`);
  const dictionaries = names.map((name, index) => {
    const next = names[index + 1];
    const key = next === undefined ? "" : `<dct:key name="next" type="a{sv}" tp:type="${next}"/>`;
    return `<dct:dictionary name="${name}">${key}</dct:dictionary>`;
  });
  const diagnostics = new Diagnostics();
  const { ir } = analyze([{ path: "a.xml", content: spec(dictionaries.join("")) }], diagnostics);
  expect(diagnostics.sorted()).toEqual([]);
  const types = ir.interfaces[0]?.types ?? [];
  expect(types.map((type) => (type.kind === "dictionary" ? type.entries.length : -1))).toEqual([
    ...new Array(2999).fill(1),
    0,
  ]);
});

describe("choices", () => {
  const disk = `<dct:dictionary name="Disk"><dct:key name="kind" type="s"/></dct:dictionary>`;
  const choice = (cases: string): string => `<dct:choice name="D" key="kind">${cases}</dct:choice>`;
  // biome-ignore format: one case per line
  test.each([
    ["select dictionaries by a string", `${choice('<dct:case value="disk" tp:type="Disk"/>')}${disk}${USE}`, []],
    ["need a case", choice(""), ["type-definition: a choice has at least one case"]],
    ["need a value and a type of each case", choice("<dct:case/>"), ['attribute-missing: <dct:case> has no "tp:type"', 'attribute-missing: <dct:case> has no "value"', "type-definition: a choice has at least one case"]],
    ["have each value once", `${disk}${choice('<dct:case value="a" tp:type="Disk"/>'.repeat(2))}`, ['duplicate: the case "a" is defined twice']],
    ["select dictionaries only", `<tp:mapping name="M"><tp:member name="K" type="s"/><tp:member name="V" type="v"/></tp:mapping>${choice('<dct:case value="a" tp:type="M"/>')}`,
      ['type-definition: "M", which the case "a" selects, is not a dct:dictionary']],
    ["need the key in each case", `<dct:dictionary name="E"/>${choice('<dct:case value="a" tp:type="E"/>')}`,
      ['type-definition: "E", which the case "a" selects, has no key "kind" that can be the string "a"']],
    ["need a value of the enum of the key", `<tp:enum name="N" type="s"><tp:enumvalue suffix="B" value="b"/></tp:enum><dct:dictionary name="E"><dct:key name="kind" type="s" tp:type="N"/></dct:dictionary>${choice('<dct:case value="a" tp:type="E"/>')}`,
      ['type-definition: "E", which the case "a" selects, has no key "kind" that can be the string "a"']],
    ["that are structs select by their first field", `<dct:choice name="S" type="(sa{sv})" key="Kind" entries="Details"><dct:case value="a" tp:type="E"/></dct:choice><dct:dictionary name="E"/><property name="P" type="(sa{sv})" tp:type="S" access="read"/>`, []],
    ["that are structs name the second field", '<dct:choice name="S" type="(sa{sv})" key="Kind"><dct:case value="a" tp:type="E"/></dct:choice><dct:dictionary name="E"/>', ['type-definition: a choice of type (sa{sv}) names its second field, as in entries="Details"']],
    ["have no other type", '<dct:choice name="S" type="(sa{ss})" key="Kind" entries="Details"><dct:case value="a" tp:type="E"/></dct:choice><dct:dictionary name="E"/>', ['type-definition: a choice has the type a{sv} or (sa{sv}), not "(sa{ss})"']],
  ])("%s", async (_, body, expected) => {
    expect((await problemsOf(body)).toSorted()).toEqual(expected.toSorted());
  });
});

test("values of all kinds of dictionaries can be read, changed and written without a cast", async () => {
  const input = readFileSync(join(ROOT, "test/data/golden/dictionary-kinds/input.xml"));
  const { files } = await run({ "input.xml": input });
  const program = `
    import { Variant } from "@dbus-codegen-ts/runtime";
    import type { Medium, Profile, Slot, StorageClient } from "./org.example.Storage.js";
    export async function change(storage: StorageClient): Promise<void> {
      const [first = {}] = await storage.properties.profiles.get();
      const hints = { ...first.basics?.hints, "x-vendor": "1" };
      const next: Profile = { ...first, basics: { ...first.basics, id: "a", hints }, extra: { b: { c: new Variant("u", 1) } } };
      await storage.update(next);
      await storage.properties.profiles.set([first, next]);
    }
    export function describe(medium: Medium): string {
      switch (medium.kind) {
        case "disk":
          return \`\${medium.size ?? 0n}\`;
        case "tape":
          return describe(medium.next ?? { kind: "disk", size: 1n });
        case undefined:
          return Object.keys(medium.extra ?? {}).join();
      }
    }
    export async function addSlot(storage: StorageClient): Promise<string | undefined> {
      const slots = await storage.properties.slots.get();
      await storage.properties.slots.set([...slots, { kind: "disk", details: { size: 7n } }]);
      for (const slot of slots) {
        switch (slot.kind) {
          case "disk":
            return \`\${slot.details.size ?? 0n}\`;
          case "tape":
            return describe(slot.details.next ?? {});
          case undefined:
            return slot.extra[0];
        }
      }
      return undefined;
    }
    // @ts-expect-error A disk has no key of a tape.
    export const mixedSlot: Slot = { kind: "disk", details: { next: {} } };
    // @ts-expect-error A disk has no key of a tape.
    export const mixed: Medium = { kind: "disk", next: {} };
    // @ts-expect-error The key has no such value.
    export const unknown: Medium = { kind: "drum" };
    // @ts-expect-error The key does not match the pattern.
    export const unmatched: Profile = { basics: { hints: { vendor: "1" } } };
  `;
  mustCompile([...files, { path: "program.ts", text: program }]);
});
