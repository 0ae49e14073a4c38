import { expect, test } from "vitest";
import { analyze, assignNames } from "../../../../generator/compiler/analyze.ts";
import { Diagnostics } from "../../../../generator/compiler/diagnostics/diagnostic.ts";

const SPECS = ["org.freedesktop.login1.Session", "org.freedesktop.Secret.Session", "a.b"].map((name) => ({
  path: `${name}.xml`,
  content: `<node><interface name="${name}"><signal name="Changed"/></interface></node>`,
}));

test.each([
  [undefined, ["B", "Session", "Session"]],
  [1, ["B", "Session", "Session"]],
  [2, ["AB", "SecretSession", "Login1Session"]],
  [3, ["AB", "FreedesktopSecretSession", "FreedesktopLogin1Session"]],
  [255, ["AB", "OrgFreedesktopSecretSession", "OrgFreedesktopLogin1Session"]],
])("with %s elements, interfaces are called %j", (nameElements, expected) => {
  const diagnostics = new Diagnostics();
  const { ir } = analyze(SPECS, diagnostics);
  const names = assignNames(ir, diagnostics, nameElements === undefined ? {} : { nameElements });
  const given = ir.interfaces.map((iface) => names.interface(iface));
  expect(given.map(({ contract }) => contract)).toEqual(expected);
  expect(given.map(({ client }) => client)).toEqual(expected.map((name) => `${name}Client`));
  expect(given.map(({ module }) => module)).toEqual(ir.interfaces.map(({ name }) => name));
  expect(diagnostics.sorted()).toEqual([]);
});

test("a rename takes precedence", () => {
  const diagnostics = new Diagnostics();
  const { ir } = analyze(SPECS, diagnostics);
  const names = assignNames(ir, diagnostics, { nameElements: 2, rename: { "a.b": "Lamp" } });
  expect(ir.interfaces.map((iface) => names.interface(iface).service)).toContain("LampService");
});

test("modules have the folder in which code outside sees them", () => {
  const diagnostics = new Diagnostics();
  const { ir } = analyze(SPECS, diagnostics);
  const names = assignNames(ir, diagnostics);
  const [iface] = ir.interfaces;
  if (iface === undefined) throw new Error("there is no interface");
  const { module, ...exports } = names.interface(iface);
  expect(names.seenFromOutside("../generated").interface(iface)).toEqual({
    module: `../generated/${module}`,
    ...exports,
  });
  expect(names.seenFromOutside("../generated").module(iface)).toBe(`../generated/${module}`);
});
