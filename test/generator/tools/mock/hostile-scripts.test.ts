import { Diagnostics } from "dbus-codegen-ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { checkConfig } from "../../../../generator/cli/config/schema.ts";
import { analyze } from "../../../../generator/compiler/analyze.ts";
import { readScript } from "../../../../generator/tools/mock/read-script.ts";
import { anyText } from "../../../setup/any-text.ts";
import { runs } from "../../../setup/runs.ts";
import { spec } from "../../support.ts";

const { interfaces } = analyze(
  [
    {
      path: "a.xml",
      content: spec(
        `<method name="M"><arg type="av" direction="out"/></method><signal name="S"><arg type="(sv)"/></signal>` +
          `<property name="P" type="a{sv}" access="read"/><property name="V" type="v" access="read"/>`,
      ),
    },
  ],
  new Diagnostics(),
).ir;

/** Reads a script and returns its diagnostics, a line each. */
function problemsOf(content: string): readonly string[] {
  const diagnostics = new Diagnostics();
  readScript({ path: "a.yaml", content }, interfaces, "/a", diagnostics);
  return diagnostics.sorted().map(({ code, message }) => `${code}: ${message}`);
}

const V = (value: string): string => `{signature: av, value: ${value}}`;
const BOMB = [
  "a.b.C:",
  "  properties:",
  `    P:`,
  `      x0: &x0 ${V("[]")}`,
  ...Array.from(
    { length: 20 },
    (_, index) => `      x${index + 1}: &x${index + 1} ${V(`[${Array(9).fill(`*x${index}`)}]`)}`,
  ),
].join("\n");

test.each([
  [
    "a value that aliases repeat exponentially often",
    BOMB,
    "values-syntax: aliases repeat values more than 10000 times",
  ],
  ["an alias inside of its own anchor", "a.b.C: {properties: {V: &a {signature: v, value: *a}}}", expect.any(String)],
  ["an undefined alias", "a.b.C: *a", "values-syntax: the anchor &a is not defined"],
  ["deep nesting of lists", "[".repeat(1_000_000), "values-syntax: the text is nested too deeply"],
  ["deep nesting of maps", "{a: ".repeat(300_000), "values-syntax: the text is nested too deeply"],
  ["deep nesting of blocks", "- ".repeat(300_000), "values-syntax: the text is nested too deeply"],
  ["deep nesting of keys", "? ".repeat(300_000), "values-syntax: the text is nested too deeply"],
  ["a repeated key", "a.b.C: {x: 1, y: 2, x: 3}", "values-syntax: Map keys must be unique"],
  ["a second document", "a.b.C: {}\n---\nb: 1", "values-syntax: the text contains several documents"],
  ["a tag", "a.b.C: !!js/function x", expect.any(String)],
  ["a key that is a map", "a.b.C: {? {a: b} : c}", expect.any(String)],
  ["keys of Object.prototype", '{"__proto__": 1, "constructor": 2, "a.b.C": {"__proto__": 3}}', expect.any(String)],
])("a mock script with %s is reported", (_, script, problem) => {
  expect(problemsOf(script)).toContainEqual(problem);
});

/** Values whose structure is similar to that of scripts and configs. */
const words = fc.oneof(
  fc.constantFrom(
    "a.b.C",
    "/a/b",
    "properties",
    "methods",
    "emit",
    "reply",
    "error",
    "signal",
    "args",
    "after",
    "M",
    "S",
  ),
  fc.constantFrom(
    "P",
    "V",
    "signature",
    "value",
    "specs",
    "out",
    "rules",
    "rename",
    "annotate",
    "targets",
    "__proto__",
    "docs",
  ),
  anyText({ maxLength: 3 }),
);
const { value: values } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 6, depthSize: "medium" },
    fc.oneof(words, fc.double(), fc.maxSafeInteger(), fc.boolean(), fc.constant(null)),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(words, tie("value"), { maxKeys: 5 }),
  ),
}));

test("any values in a mock script or a config give diagnostics or a result, never an exception", () => {
  fc.assert(
    fc.property(values, (value) => {
      problemsOf(JSON.stringify(value));
      problemsOf(JSON.stringify({ "a.b.C": value }));
      problemsOf(
        JSON.stringify({ "a.b.C": { properties: { P: value, V: value }, methods: { M: value }, emit: value } }),
      );
      for (const config of [value, { rules: value }, { rename: value }, { annotate: value }, { specs: value }])
        checkConfig(config);
    }),
    { numRuns: runs(100) },
  );
});

test("any text in a mock script gives diagnostics or a result, never an exception", () => {
  const tokens = fc.constantFrom(
    "a.b.C",
    ": ",
    "\n",
    "  ",
    "- ",
    "{",
    "}",
    "[",
    "]",
    ",",
    "&a ",
    "*a",
    "!!binary ",
    "|",
    ">",
    "? ",
    "#",
    '"',
    "'",
    "%",
    "---",
    "\t",
    "<<",
    "0x",
    "\0",
    "\uD800",
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(tokens, words), { maxLength: 20 }), (parts) => void problemsOf(parts.join(""))),
    { numRuns: runs(200) },
  );
});
