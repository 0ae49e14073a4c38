import fc from "fast-check";
import { expect, test } from "vitest";
import { mutant } from "../../fuzz/mutate.ts";
import { methodsSpec } from "../../reliability/methods-spec.ts";
import { runs } from "../../setup/runs.ts";
import { executed, load, statements } from "../modules.ts";
import { at, lines, run, type Specs, spec, textOf } from "../support.ts";
import { accepts, escaped, rejects } from "./verdict.ts";

test("escapes documentation, annotations and defaults that contain code [G26]", async () => {
  const hostile =
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a hostile spec contains it
    "*/ process.exit(1) /* ` ${process.exit(2)} \u2028 process.exit(3) // '\"\\ </script> @deprecated {@link x} *";
  const text = escaped(hostile);
  const docs = [
    `<tp:docstring>${text}</tp:docstring>`,
    `<tp:docstring>x*<tp:em>/ process.exit(4) </tp:em><tp:code>${text}</tp:code><tp:pre>${text}\n*/</tp:pre></tp:docstring>`,
    `<tp:docstring>star*<![CDATA[/ process.exit(5) //]]><tp:ul><tp:li>*</tp:li><tp:li>/</tp:li></tp:ul></tp:docstring>`,
    `<annotation name="org.gtk.GDBus.DocString" value="${text}"/>`,
    `<tp:added version="${text}"/><tp:deprecated version="${text}"/>`,
  ];
  const result = await accepts(
    spec(
      docs
        .map(
          (doc, i) => `<method name="M${i}"><arg name="x" type="s">${doc}</arg>${doc}</method>
            <property name="P${i}" type="s" access="read">${doc}<annotation name="${text}" value="${text}"/></property>
            <dct:dictionary name="D${i}">${doc}<dct:key name="${text}" type="s" default="${text}" since="${text}">${doc}</dct:key></dct:dictionary>
            <tp:enum name="E${i}" type="s"><tp:enumvalue suffix="${text}" value="${text}">${doc}</tp:enumvalue></tp:enum>`,
        )
        .join(""),
    ),
  );
  const module = textOf(result);
  expect(statements(module).filter((statement) => statement.startsWith("!"))).toEqual([]);
  expect(executed(module)).toEqual(["super", "this.$call"]);
  const { C, E0, D0 } = load(result.files, "a.b.C.ts");
  expect(at(C, "properties", "p0", "annotations", hostile)).toBe(hostile);
  expect(Object.values(Object(E0))).toEqual([hostile]);
  expect(Object.values(Object(at(D0, "entries"))).map((entry) => at(entry, "key"))).toEqual([hostile]);
});

test("generates thousands of methods from one file (npm run reliability -- large-spec: 40,000); 50,000 exceed the size limit [G30]", async () => {
  await rejects(methodsSpec(50_000), "xml-too-large");
  const result = await run(methodsSpec(2500));
  expect(lines(result)).toEqual([]);
  expect(textOf(result).match(/abstract m\d+\(/g)).toHaveLength(2500);
});

test("the order of the files does not affect the result [G31]", async () => {
  const tp = (body: string): string =>
    `<tp:generic-types xmlns:tp="http://telepathy.freedesktop.org/wiki/DbusSpec#extensions-v0">${body}</tp:generic-types>`;
  const files: Specs = {
    "x/types.xml": tp(`<tp:simple-type name="Handle" type="u"/><tp:enum name="Type"/>`),
    "y/types.xml": tp(`<tp:struct name="Handle"><tp:member name="A" type="u"/></tp:struct>`),
    "x/a.xml": spec(`<method name="then"/><property name="H" type="u" access="read" tp:type="Handle"/>`, "a.b.C"),
    "x/b.xml": spec(
      `<property name="H" type="u" access="read" tp:type="Nowhere"/><method name="Foo"/><method name="foo"/>`,
      "a.b.c",
    ),
    "y/c.xml": spec(`<property name="H" type="(u)" access="read" tp:type="Handle"/>`, "A.b.c"),
    "z/same.xml": spec(`<method name="then"/><property name="H" type="u" access="read" tp:type="Handle"/>`, "a.b.C"),
  };
  const first = await run(files);
  const expected = [first.files, lines(first)];
  expect(expected.map(({ length }) => length)).toEqual([5, 6]);
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray(Object.entries(files), { minLength: 6 }), async (shuffled) => {
      const result = await run(Object.fromEntries(shuffled));
      expect([result.files, lines(result)]).toEqual(expected);
    }),
    { numRuns: runs(15) },
  );
});

test("generates modules or diagnostics from mutated specs, never an exception (test/fuzz has the long run) [G32]", async () => {
  for (let seed = 0; seed < runs(80); seed++) await run(mutant(seed));
});
