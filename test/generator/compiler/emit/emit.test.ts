import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { render } from "dbus-codegen-ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Diagnostics } from "../../../../generator/compiler/diagnostics/diagnostic.ts";
import type { DocTag } from "../../../../generator/compiler/emit/file-model.ts";
import { Scope } from "../../../../generator/compiler/names/scope.ts";
import { camelCase, pascalCase } from "../../../../generator/compiler/names/words.ts";
import { docComment } from "../../../../generator/compiler/print/doc-comment.ts";
import { objectKey, stringLiteral } from "../../../../generator/compiler/print/escape.ts";
import { layoutFile } from "../../../../generator/compiler/print/module-layout.ts";
import type { Block, Inline } from "../../../../generator/compiler/resolve/doc.ts";
import { anyText } from "../../../setup/any-text.ts";
import { runs } from "../../../setup/runs.ts";
import { compile } from "../../compile.ts";
import { executed, ROOT, run, spec, statements, textOf } from "../../support.ts";

const GOLDEN = join(ROOT, "test/data/golden");

describe("generated modules and diagnostics equal test/data/golden/<case>", () => {
  test.each(readdirSync(GOLDEN))("%s", async (name) => {
    const folder = join(GOLDEN, name);
    const result = await run({ "input.xml": readFileSync(join(folder, "input.xml")) });
    await expect(render(result.diagnostics, "frame")).toMatchFileSnapshot(join(folder, "diagnostics.txt"));
    for (const { path, text } of result.files) await expect(text).toMatchFileSnapshot(join(folder, "expected", path));
    expect(readdirSync(join(folder, "expected")).toSorted()).toEqual(result.files.map(({ path }) => path));
    expect(existsSync(join(folder, "diagnostics.txt"))).toBe(true);
    expect(compile(result.files)).toEqual([]);
    for (const { text } of result.files)
      expect(executed(text).filter((name) => name !== "super" && name !== "this.$call")).toEqual([]);
  });
});

describe("identifiers", () => {
  // biome-ignore format: one case per line
  test.each([
    ["InspectHandles", "inspectHandles", "InspectHandles"],
    ["Self_Handle", "selfHandle", "SelfHandle"],
    ["debug-message", "debugMessage", "DebugMessage"],
    ["already", "already", "Already"],
    ["GetURL", "getURL", "GetURL"],
    ["URLOpened", "urlOpened", "URLOpened"],
    ["HTTPServer2", "httpServer2", "HTTPServer2"],
    ["IPv4", "ipv4", "IPv4"],
    ["SourceIPv6Rule", "sourceIPv6Rule", "SourceIPv6Rule"],
    ["DBus", "dbus", "DBus"],
    ["MyDBusThing", "myDBusThing", "MyDBusThing"],
    ["SHOUTING_CASE", "shoutingCase", "ShoutingCase"],
    ["A", "a", "A"],
    ["aB", "aB", "AB"],
    ["3G", "_3G", "_3G"],
    ["v2", "v2", "V2"],
    ["_", "_", "_"],
    ["__proto__", "proto", "Proto"],
    ["", "_", "_"],
    ["\u00E9t\u00E9", "t", "T"],
  ])("%s: %s, %s", (name, camel, pascal) => {
    expect([camelCase(name), pascalCase(name)]).toEqual([camel, pascal]);
  });

  test("of any text are ASCII identifiers", () => {
    fc.assert(
      fc.property(anyText(), (text) => {
        for (const name of [camelCase(text), pascalCase(text)]) expect(name).toMatch(/^[A-Za-z_][A-Za-z0-9_]*$/);
      }),
    );
  });

  test("in one scope are unique and not reserved", () => {
    const name = fc.constantFrom("a", "b", "a$", "a$2", "then");
    fc.assert(
      fc.property(fc.array(name), (wanted) => {
        const scope = new Scope(new Set(["then"]), "is reserved", new Diagnostics());
        const span = { source: { path: "" } as never, start: 0, end: 0 };
        const names = [
          ...scope
            .claim(wanted.map((name, index) => ({ of: index, name, preferred: name, description: name, span })))
            .values(),
        ];
        expect(new Set(names).size).toBe(wanted.length);
        expect(names).not.toContain("then");
      }),
    );
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
    for (const name of [
      "Client",
      "Service",
      "Bus",
      "Target",
      "InterfaceContract",
      "Variant",
      "CallOptions",
      "Promise",
      "Record",
      "Error",
    ]) {
      const result = await run(spec(`<method name="M"><arg type="a{sv}" direction="out"/></method>`, `a.b.${name}`));
      expect(compile(result.files), name).toEqual([]);
    }
  });
});

const inline = fc.oneof(
  anyText(),
  fc.constantFrom("*", "/", "*/", "/*", "**/", "`", "```", "@x", "{@link", "\\", "\n", " ", "\u2028", "a", "//"),
);
const inlines = fc.array(
  fc.record({ kind: fc.constantFrom<Inline["kind"]>("text", "code", "emphasis"), text: inline }),
  { maxLength: 5 },
);
const { block } = fc.letrec<{ block: Block }>((tie) => ({
  block: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.record({ kind: fc.constant("paragraph" as const), text: inlines }),
    fc.record({ kind: fc.constant("code" as const), text: fc.array(inline).map((parts) => parts.join("")) }),
    fc.record({ kind: fc.constant("rationale" as const), blocks: fc.array(tie("block"), { maxLength: 2 }) }),
    fc.record({
      kind: fc.constant("list" as const),
      ordered: fc.boolean(),
      items: fc.array(fc.array(tie("block"), { maxLength: 2 }), { maxLength: 2 }),
    }),
    fc.record({
      kind: fc.constant("definitions" as const),
      items: fc.array(fc.record({ term: inlines, blocks: fc.array(tie("block"), { maxLength: 2 }) }), { maxLength: 2 }),
    }),
  ),
}));

describe("texts of a spec never become code", () => {
  test("a doc comment ends only at its end", () => {
    const tag = fc.record({
      tag: fc.constantFrom<DocTag["tag"]>("param", "returns", "throws", "since"),
      doc: fc.record({ blocks: fc.array(block, { maxLength: 2 }) }),
    });
    fc.assert(
      fc.property(fc.array(block), fc.array(tag, { maxLength: 2 }), (blocks, tags) => {
        const comment = docComment({ doc: { blocks }, tags }, 0).join("\n");
        expect(comment.indexOf("*/")).toBe(comment.length - 2);
        expect(statements(`${comment}\nexport const x = 1;`)).toEqual(["const x"]);
      }),
      { numRuns: runs(400) },
    );
  });

  test("a string literal evaluates to its text", () => {
    fc.assert(
      fc.property(anyText(), (text) => {
        const literal = stringLiteral(text);
        expect(literal).toMatch(/^"[^\n\r\u2028\u2029]*"$/);
        expect(new Function(`return ${literal};`)()).toBe(text);
      }),
      { numRuns: runs(1000) },
    );
  });

  test("a key defines an own property", () => {
    const key = fc.oneof(anyText(), fc.constantFrom("__proto__", "constructor", "a-b", "", "1", "get"));
    fc.assert(
      fc.property(key, (name) => {
        const made: object = new Function(`return { ${objectKey(name)}: 1 };`)();
        expect(Reflect.ownKeys(made)).toEqual([name]);
        expect(Object.getPrototypeOf(made)).toBe(Object.prototype);
      }),
      { numRuns: runs(1000) },
    );
  });

  test("a module has only declarations, whatever the texts of its spec", async () => {
    const text = fc
      // biome-ignore lint/suspicious/noTemplateCurlyInString: text of a hostile spec
      .array(fc.oneof(inline, fc.constantFrom("process.exit()", "${x}", "]]>", '"', "'")), { maxLength: 8 })
      .map((parts) => parts.join("").replace(/[\u0000-\u001F\uD800-\uDFFF\uFFFE\uFFFF]/g, "?"))
      .map((raw) => raw.replace(/[<>&"]/g, (character) => `&#${character.charCodeAt(0)};`));
    await fc.assert(
      fc.asyncProperty(text, text, async (a, b) => {
        const result = await run(
          spec(`<tp:docstring>${a}<tp:em>${b}</tp:em>${a}</tp:docstring><annotation name="x${a}" value="${b}"/>
            <method name="M"><arg name="${a}" type="s"><tp:docstring>${b}</tp:docstring></arg></method>
            <dct:dictionary name="D"><dct:key name="${a}" type="s" default="${b}"/></dct:dictionary>
            <tp:enum name="E" type="s"><tp:enumvalue suffix="${a}" value="${b}"/></tp:enum>`),
        );
        expect(statements(textOf(result))).toEqual([
          "import",
          "interface D",
          "const D",
          "const E",
          "type E",
          "const C",
          "class CClient",
          "class CService",
        ]);
        expect(executed(textOf(result))).toEqual(["super", "this.$call"]);
      }),
      { numRuns: runs(40) },
    );
  });
});

describe("layout", () => {
  test("a list that does not fit on a line has one item per line", async () => {
    const args = Array.from(
      { length: 4 },
      (_, i) => `<arg name="rather_long_argument_name_${i}" type="a{sas}" direction="in"/>`,
    );
    const text = textOf(await run(spec(`<method name="Do_Something">${args.join("")}</method>`)));
    expect(/ {2}doSomething\([^}]*}/.exec(text)?.[0]).toMatchInlineSnapshot(`
      "  doSomething(
          ratherLongArgumentName0: Readonly<Record<string, readonly string[]>>,
          ratherLongArgumentName1: Readonly<Record<string, readonly string[]>>,
          ratherLongArgumentName2: Readonly<Record<string, readonly string[]>>,
          ratherLongArgumentName3: Readonly<Record<string, readonly string[]>>,
          call?: CallOptions,
        ): Promise<void> {
          return this.$call(C.methods.doSomething, [
            ratherLongArgumentName0,
            ratherLongArgumentName1,
            ratherLongArgumentName2,
            ratherLongArgumentName3,
          ], call);
        }"
    `);
    expect(/ {2}methods:[\s\S]*?\n {2}},/.exec(text)?.[0]).toMatchInlineSnapshot(`
      "  methods: {
          doSomething: {
            name: "Do_Something",
            in: [
              { name: "rather_long_argument_name_0", type: "a{sas}" },
              { name: "rather_long_argument_name_1", type: "a{sas}" },
              { name: "rather_long_argument_name_2", type: "a{sas}" },
              { name: "rather_long_argument_name_3", type: "a{sas}" },
            ],
            out: [],
          },
        },"
    `);
  });

  test("modules end with one line end and have no trailing spaces", async () => {
    for (const name of readdirSync(GOLDEN)) {
      const { files } = await run({ "input.xml": readFileSync(join(GOLDEN, name, "input.xml")) });
      for (const { text } of files) {
        expect(text).toMatch(/[^\n]\n$/);
        expect(text).not.toMatch(/[ \t]\n|\r|\n\n\n/);
        expect(text.split("\n", 2)).toEqual([
          "// @generated by dbus-codegen from input.xml. Do not edit.",
          "/* eslint-disable */",
        ]);
      }
    }
  });

  test("a name that is not an identifier throws", () => {
    const value = { kind: "text", text: "x" } as const;
    const file = { path: "a.ts", from: "a.xml", declarations: [{ kind: "const", name: "a b", value }] } as const;
    expect(() => layoutFile(file, { extension: ".js" })).toThrow('"a b" is not an identifier');
  });
});

test("the compiler of these tests reports errors", () => {
  const text = 'import { Client, type Missing } from "@dbus-codegen-ts/runtime";\nexport const wrong: string = 1;\n';
  expect(compile([{ path: "a.ts", text }]).map((problem) => / (TS\d+):/.exec(problem)?.[1])).toEqual(
    expect.arrayContaining(["TS2305", "TS2322", "TS6192"]),
  );
  expect(compile([{ path: "a.ts", text: 'export const right: string = "";\n' }])).toEqual([]);
});
