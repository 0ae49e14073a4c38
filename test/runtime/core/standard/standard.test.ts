import { readdirSync, readFileSync } from "node:fs";
import { generate } from "dbus-codegen-ts";
import { expect, test } from "vitest";
import { Introspectable } from "../../../../runtime/core/standard/org.freedesktop.DBus.Introspectable.ts";

const SPECS = "specs/freedesktop";
/** Folder of the package for the message bus, which contains its spec and overlay. */
const MESSAGE_BUS = "generator/catalogue/message-bus";

function specs(folder: string, files: readonly string[], isOverlay = false) {
  return files.map((path) => ({ path, content: readFileSync(`${folder}/${path}`, "utf8"), isOverlay }));
}

test("the committed contracts are up to date", async () => {
  const sources = [
    ...specs(SPECS, readdirSync(SPECS)),
    ...specs(`${MESSAGE_BUS}/specs`, ["org.freedesktop.DBus.xml"]),
    ...specs(`${MESSAGE_BUS}/overlays`, ["org.freedesktop.DBus.xml"], true),
  ];
  const { files, diagnostics } = await generate(sources, {
    contractsOnly: true,
    importExtension: ".ts",
    runtimeModule: "../generated-contract-imports.ts",
  });
  expect(diagnostics).toEqual([]);
  expect(files).toHaveLength(5);
  for (const { path, text } of files) expect(text).toBe(readFileSync(`runtime/core/standard/${path}`, "utf8"));
});

test("contractsOnly generates standard interfaces without classes, which otherwise generate nothing", async () => {
  const sources = specs(SPECS, [`${Introspectable.name}.xml`]);
  const { files } = await generate(sources, { contractsOnly: true });
  expect(files.map(({ path }) => path)).toEqual([`${Introspectable.name}.ts`]);
  expect(files[0]?.text).not.toMatch(/\bclass\b/);
  expect((await generate(sources)).files).toEqual([]);
});
