import { describe, expect, test } from "vitest";
import { type AddedSettings, extendConfig } from "../../../../generator/cli/config/extend-config.ts";
import { evaluateConfig } from "../../../../generator/cli/config/load.ts";

const SERVICES = { "org.example": { bus: "system", objects: { "org.example.Lamp1": "/lamp" } } } as const;
const ADDED = { specs: ["specs"], overlays: ["catalogue:lamp"], out: "generated" };

/** Extends a config in a folder that does not exist. Returns the text, or "unchanged". */
async function extended(
  name: string,
  text: string,
  services: AddedSettings["services"] = {},
): Promise<string | undefined> {
  const loaded = await evaluateConfig(`/project/${name}`, text, name);
  const result = await extendConfig("/project", loaded, { ...ADDED, services });
  expect(result.file).toBe(`/project/${name}`);
  return result.isChanged ? result.text : "unchanged";
}

test("without a config, a new one is written", async () => {
  const { file, text, isChanged } = await extendConfig("/project", undefined, { ...ADDED, services: SERVICES });
  expect([file, isChanged, JSON.parse(text ?? "")]).toEqual([
    "/project/dbus-codegen.config.json",
    true,
    { $schema: "./node_modules/dbus-codegen-ts/schemas/config.json", ...ADDED, services: SERVICES },
  ]);
});

describe("a config in JSON", () => {
  test.each([
    ["gets settings that it lacks", { rename: {} }, { rename: {}, ...ADDED }],
    [
      "keeps its values",
      { $schema: "x", specs: ["a"], overlays: ["b"], out: "c" },
      { $schema: "x", specs: ["a", "specs"], overlays: ["b", "catalogue:lamp"], out: "c" },
    ],
  ])("%s", async (_, before, after) => {
    const text = await extended("dbus-codegen.config.json", JSON.stringify(before));
    expect(JSON.parse(text ?? "")).toEqual(after);
  });

  test("keeps its services", async () => {
    const services = { "org.example": { bus: "session" }, "org.other": {} };
    const text = await extended(
      "dbus-codegen.config.json",
      JSON.stringify({ services: { "org.other": {} } }),
      SERVICES,
    );
    expect(JSON.parse(text ?? "")).toEqual({ ...ADDED, services: { ...SERVICES, "org.other": {} } });
    expect(await extended("dbus-codegen.config.json", JSON.stringify({ ...ADDED, services }), SERVICES)).toBe(
      "unchanged",
    );
  });

  test("that has the settings is not changed", async () => {
    expect(await extended("dbus-codegen.config.json", JSON.stringify(ADDED))).toBe("unchanged");
  });
});

describe("a config module", () => {
  test.each([
    [
      "gets a list that it lacks",
      `export default {\n  specs: ["specs"],\n  out: "generated",\n};\n`,
      `export default {\n  overlays: ["catalogue:lamp"],\n  specs: ["specs"],\n  out: "generated",\n};\n`,
    ],
    [
      "gets values in its lists",
      `export default { specs: ["a"], overlays: ["b", "c"], out: "d" };`,
      `export default { specs: ["a", "specs"], overlays: ["b", "c", "catalogue:lamp"], out: "d" };`,
    ],
    [
      "with a list on several lines keeps its layout",
      `export default { specs: ["specs"], out: "d", overlays: [\n  "b",\n] };`,
      `export default { specs: ["specs"], out: "d", overlays: [\n  "b",\n"catalogue:lamp"] };`,
    ],
    [
      "with a call of defineConfig gets all settings",
      `import { defineConfig } from "dbus-codegen-ts";\nexport default defineConfig({ specs: ["specs"] });`,
      `import { defineConfig } from "dbus-codegen-ts";\nexport default defineConfig({\n  out: "generated",\n  overlays: ["catalogue:lamp"], specs: ["specs"] });`,
    ],
    [
      "whose settings are variables is left to the user",
      `const specs = ["a"];\nexport default { specs, out: "b" };`,
      undefined,
    ],
    [
      "with a second list of the same name is left to the user",
      `const other = { overlays: ["x"] };\nexport default { specs: ["specs"], overlays: ["b"], out: other.overlays[0] };`,
      undefined,
    ],
    [
      "whose list is in a comment is left to the user",
      `// overlays: []\nconst overlays = ["b"];\nexport default { specs: ["specs"], out: "d", overlays };`,
      undefined,
    ],
  ])("%s", async (_, before, after) => {
    expect(await extended("dbus-codegen.config.ts", before)).toBe(after);
  });
});

describe("the services of a config module", () => {
  const rest = 'specs: ["specs"], overlays: ["catalogue:lamp"], out: "d"';
  const entry = `"org.example": ${JSON.stringify(SERVICES["org.example"])}`;

  test.each([
    ["are added", `export default { ${rest} };`, `export default {\n  services: { ${entry} }, ${rest} };`],
    [
      "get an entry",
      `export default { services: { "a.b": {} }, ${rest} };`,
      `export default { services: { ${entry}, "a.b": {} }, ${rest} };`,
    ],
    [
      "that are computed are left to the user",
      `const services = {};\nexport default { services, ${rest} };`,
      undefined,
    ],
  ])("%s", async (_, before, after) => {
    expect(await extended("dbus-codegen.config.ts", before, SERVICES)).toBe(after);
  });
});
