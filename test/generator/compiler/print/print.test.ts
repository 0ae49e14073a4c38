import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DocTag } from "../../../../generator/compiler/emit/file-model.ts";
import { docComment } from "../../../../generator/compiler/print/doc-comment.ts";
import { objectKey, stringLiteral } from "../../../../generator/compiler/print/escape.ts";
import { layoutFile } from "../../../../generator/compiler/print/module-layout.ts";
import { print } from "../../../../generator/compiler/print/print.ts";
import type { Block, Inline } from "../../../../generator/compiler/resolve/doc.ts";
import { anyText } from "../../../setup/any-text.ts";
import { runs } from "../../../setup/runs.ts";
import { executed, statements } from "../../modules.ts";
import { ROOT, run, spec, textOf } from "../../support.ts";

const GOLDEN = join(ROOT, "test/data/golden");

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

  test("a module that is not TypeScript throws, also beside others", () => {
    const files = ["string", "string[", "number"].map((type, index) => ({
      path: `${index}.ts`,
      from: "a.xml",
      declarations: [{ kind: "type", name: "A", type } as const],
    }));
    expect(() => [...print(files, { extension: ".js" })]).toThrow("generated /1.ts is not TypeScript: ']' expected.");
  });

  test("a name that is not an identifier throws", () => {
    const value = { kind: "text", text: "x" } as const;
    const file = { path: "a.ts", from: "a.xml", declarations: [{ kind: "const", name: "a b", value }] } as const;
    expect(() => layoutFile(file, { extension: ".js" })).toThrow('"a b" is not an identifier');
  });
});
