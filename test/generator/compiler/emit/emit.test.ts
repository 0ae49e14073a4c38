import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type OutputFile, render } from "dbus-codegen-ts";
import { describe, expect, test } from "vitest";
import { executed } from "../../modules.ts";
import { mustCompile } from "../../must-compile.ts";
import { ROOT, run, spec, textOf } from "../../support.ts";

const GOLDEN = join(ROOT, "test/data/golden");

describe("generated modules and diagnostics equal test/data/golden/<case>", () => {
  const modules: OutputFile[] = [];
  test.each(readdirSync(GOLDEN))("%s", async (name) => {
    const folder = join(GOLDEN, name);
    const result = await run({ "input.xml": readFileSync(join(folder, "input.xml")) });
    await expect(render(result.diagnostics, "frame")).toMatchFileSnapshot(join(folder, "diagnostics.txt"));
    for (const { path, text } of result.files) await expect(text).toMatchFileSnapshot(join(folder, "expected", path));
    expect(readdirSync(join(folder, "expected")).toSorted()).toEqual(result.files.map(({ path }) => path));
    expect(existsSync(join(folder, "diagnostics.txt"))).toBe(true);
    modules.push(...result.files.map(({ path, text }) => ({ path: `${name}/${path}`, text })));
    for (const { text } of result.files)
      expect(executed(text).filter((name) => name !== "super" && name !== "this.$call")).toEqual([]);
  });

  test("each case has modules, which must compile", () => {
    expect(modules.length).toBeGreaterThanOrEqual(readdirSync(GOLDEN).length);
    mustCompile(modules);
  });
});

describe("types", () => {
  // biome-ignore format: one case per line
  test.each([
    ["y", "number"], ["n", "number"], ["q", "number"], ["i", "number"], ["u", "number"], ["d", "number"],
    ["x", "bigint"], ["t", "bigint"],
    ["b", "boolean"],
    ["s", "string"],
    ["o", "ObjectPath"], ["g", "Signature"], ["h", "UnixFd"],
    ["v", "Variant"],
    ["as", "readonly string[]"],
    ["aas", "readonly (readonly string[])[]"],
    ["ay", "Uint8Array"],
    ["aay", "readonly Uint8Array[]"],
    ["a(ss)", "readonly (readonly [string, string])[]"],
    ["av", "readonly Variant[]"],
    ["a{sv}", "Readonly<Record<string, Variant>>"],
    ["a{uv}", "ReadonlyMap<number, Variant>"],
    ["a{os}", "ReadonlyMap<ObjectPath, string>"],
    ["a{tas}", "ReadonlyMap<bigint, readonly string[]>"],
    ["aa{ss}", "readonly Readonly<Record<string, string>>[]"],
    ["(u)", "readonly [number]"],
    ["(sa{sv}(bd))", "readonly [string, Readonly<Record<string, Variant>>, readonly [boolean, number]]"],
  ])("%s is %s", async (type, want) => {
    const text = textOf(await run(spec(`<property name="P" type="${type}" access="read"/>`)));
    expect(/readonly p: (.*);/.exec(text)?.[1]).toBe(want);
    expect(text).toContain(`p: { name: "P", type: "${type}", access: "read"`);
  });

  // biome-ignore format: one case per line
  test.each([
    ["no", "", "Promise<void>"],
    ["one", `<arg name="a" type="s" direction="out"/>`, "Promise<string>"],
    ["two", `<arg name="a" type="s" direction="out"/><arg name="b" type="u" direction="out"/>`, "Promise<[a: string, b: number]>"],
    ["nameless", `<arg type="s" direction="out"/><arg type="u" direction="out"/>`, "Promise<[arg0: string, arg1: number]>"],
  ])("a method with %s results", async (_, args, want) => {
    expect(textOf(await run(spec(`<method name="M">${args}</method>`)))).toContain(`m(call?: CallOptions): ${want} {`);
  });

  test.each([
    ["read", "readonly p: string;"],
    ["readwrite", "\n  p: string;"],
    ["write", "\n  p: string;"],
  ])("a property of access %s", async (access, want) => {
    expect(textOf(await run(spec(`<property name="P" type="s" access="${access}"/>`)))).toContain(want);
  });

  // biome-ignore format: one case per line
  test.each([
    [undefined, undefined, "true"],
    ["invalidates", undefined, "invalidates"],
    ["false", "const", "const"],
    ["false", "sometimes", "false"],
    [undefined, "false", "false"],
  ])("EmitsChangedSignal of the interface %s, of the property %s: %s", async (ofInterface, ofProperty, want) => {
    const annotation = (value: string | undefined): string =>
      value === undefined ? "" : `<annotation name="org.freedesktop.DBus.Property.EmitsChangedSignal" value="${value}"/>`;
    const property = `<property name="P" type="s" access="read">${annotation(ofProperty)}</property>`;
    const text = textOf(await run(spec(annotation(ofInterface) + property)));
    expect(/emits: "(\w+)"/.exec(text)?.[1]).toBe(want);
  });

  test.each([".js", ".ts", ""] as const)(
    "imports between generated modules have the ending %j",
    async (importExtension) => {
      const { generate } = await import("dbus-codegen-ts");
      const content = readFileSync(join(GOLDEN, "errors/input.xml"));
      const { files } = await generate([{ path: "a.xml", content }], { importExtension });
      const text = files.find(({ path }) => path === "org.example.Directory.ts")?.text;
      expect(text).toContain(`from "./org.example.Error${importExtension}";`);
    },
  );

  test("an interface with the name of a runtime export does not shadow it", async () => {
    const names = ["Client", "Service", "Bus", "Target", "InterfaceContract", "Variant", "CallOptions"];
    const modules = await Promise.all(
      [...names, "Promise", "Record", "Error"].map(async (name) => {
        const method = `<method name="M"><arg type="a{sv}" direction="out"/></method>`;
        const { files } = await run(spec(method, `a.b.${name}`));
        return files.map(({ path, text }) => ({ path: `${name}/${path}`, text }));
      }),
    );
    expect(modules.map(({ length }) => length)).toEqual(modules.map(() => 1));
    mustCompile(modules.flat());
  });
});
