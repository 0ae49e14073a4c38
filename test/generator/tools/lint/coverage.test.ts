import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { lint } from "dbus-codegen-ts";
import { expect, test } from "vitest";
import { cli, spec, temporaryFolder } from "../../support.ts";

const D = `<dct:dictionary name="D"><dct:key name="a" type="s"/></dct:dictionary>`;
const property = (name: string, type = ""): string => `<property name="${name}" type="a{sv}"${type} access="read"/>`;
const SPEC = spec(`${D}${property("P", ' tp:type="D"')}${property("Q", ' tp:type="D"')}${property("R")}`, "a.b.C1");
const LINT = ["--rule", "docs=off", "--rule", "undeclared-dictionary=off"];

test.each([
  [67, ["dictionary-coverage"]],
  [66, []],
  [0, []],
])("at least %d %% of 3 dictionaries must be declared", (minDictionaryPercent, expected) => {
  const sources = [{ path: "a.b.C1.xml", content: SPEC }];
  const rules = { docs: "off", "undeclared-dictionary": "off", "dictionary-coverage": "error" } as const;
  const { diagnostics, dictionaries } = lint(sources, { rules, minDictionaryPercent });
  expect(diagnostics.map(({ code }) => code)).toEqual(expected);
  expect(dictionaries).toEqual({ declared: 2, empty: 0, all: 3 });
});

test("without dictionaries all are declared", () => {
  const { dictionaries } = lint([{ path: "a.b.C1.xml", content: spec("", "a.b.C1") }]);
  expect(dictionaries).toEqual({ declared: 0, empty: 0, all: 0 });
});

test.each([
  ["is not declared without a reason", "", { declared: 0, empty: 0, all: 1 }, ["undeclared-dictionary"]],
  [
    "is declared with a reason",
    "<tp:docstring>No key is defined.</tp:docstring>",
    { declared: 1, empty: 1, all: 1 },
    [],
  ],
])("a dictionary without keys %s", (_, doc, expected, codes) => {
  const content = spec(`<dct:dictionary name="E">${doc}</dct:dictionary>${property("P", ' tp:type="E"')}`, "a.b.C1");
  const { diagnostics, dictionaries } = lint([{ path: "a.b.C1.xml", content }], { rules: { docs: "off" } });
  expect(dictionaries).toEqual(expected);
  expect(diagnostics.map(({ code }) => code)).toEqual(codes);
});

test.each([
  ["67", 1, "1 error, 0 warnings\nthe keys of 2 of 3 dictionaries are declared: 66 %\n"],
  ["66", 0, "0 errors, 0 warnings\nthe keys of 2 of 3 dictionaries are declared: 66 %\n"],
])("dbus-codegen lint --min-dictionaries %s exits with %d and prints the share", async (percent, code, expected) => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "a.b.C1.xml"), SPEC);
  const result = await cli(folder, "lint", "a.b.C1.xml", "--min-dictionaries", percent, ...LINT);
  expect([result.code, result.err]).toEqual([code, expected]);
});
