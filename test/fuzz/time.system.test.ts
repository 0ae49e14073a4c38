import { analyze, Diagnostics, lint } from "dbus-codegen-ts";
import { afterEach, beforeEach, expect, test } from "vitest";
import { assignNames } from "../../generator/compiler/analyze.ts";
import { compareVersions } from "../../generator/tools/breaking/compare-specs.ts";
import { versionOf } from "../../generator/tools/breaking/version.ts";
import { readScript } from "../../generator/tools/mock/read-script.ts";
import { renderSite } from "../../generator/tools/site/site.ts";
import { spec } from "../generator/support.ts";
import { ASSETS } from "../generator/tools/site/support.ts";
import { SHAPES } from "./hostile-shapes.ts";

/** Shapes that an algorithm with quadratic time cannot process in the time of a test. `fuzz -- time` measures all. */
const NAMES: readonly string[] = [
  "identical methods",
  "methods with one identifier",
  "types with one identifier",
  "interfaces with one identifier",
  "a chain of simple types from its end",
  "dictionaries in a ring",
  "namespaces of nested elements",
  "documentation: one word",
  "documentation: full stops",
  "documentation: code blocks",
  'gtk-doc: "x"',
  "blanks in a start tag",
];

/** Parts of the interface a.b.C in mock scripts for specs with members of these kinds, with known and unknown names. */
const SCRIPTS: readonly (readonly [kind: string, script: (names: readonly string[]) => object])[] = [
  ["method", (names) => ({ methods: Object.fromEntries(names.map((name) => [name, { delay: 1 }])) })],
  ["property", (names) => ({ properties: Object.fromEntries(names.map((name) => [name, "text"])) })],
  ["signal", (names) => ({ emit: names.map((name) => ({ signal: name })) })],
];

/** Largest processor time of a test: twenty times that of the slowest test. On a busy machine, a test takes longer. */
const LIMIT_MS = 30_000;

let before: NodeJS.CpuUsage;
beforeEach(() => {
  before = process.cpuUsage();
});
afterEach(() => {
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1000).toBeLessThan(LIMIT_MS);
});

test.each(NAMES)("256 KiB of %s is read, named, linted, compared and documented", (name) => {
  const content = SHAPES.find((shape) => shape.name === name)?.build(2 ** 18);
  if (content === undefined) throw new Error(`there is no shape "${name}"`);
  const sources = [{ path: "a.xml", content }];
  // Reads the specs and assigns names before it runs its rules.
  lint(sources);
  const diagnostics = new Diagnostics();
  const { ir } = analyze(sources, diagnostics);
  if (diagnostics.hasErrors) return;
  const names = assignNames(ir, diagnostics);
  expect(compareVersions(versionOf(ir, names), versionOf(ir, names))).toEqual([]);
  renderSite(ir, names, { format: "markdown", title: "Title" }, ASSETS);
});

test.each(SCRIPTS)(
  "a mock script with 12,000 names of one kind (%s), and as many misspelled ones, is read",
  (kind, script) => {
    const names = Array.from({ length: 12_000 }, (_, index) => `Name${index}`);
    const misspelled = names.map((name) => name.replace("N", "M"));
    const type = kind === "property" ? ' type="s" access="read"' : "";
    const content = spec(names.map((name) => `<${kind} name="${name}"${type}/>`).join(""));
    const { interfaces } = analyze([{ path: "a.xml", content }], new Diagnostics()).ir;
    expect(interfaces).toHaveLength(1);
    const diagnostics = new Diagnostics();
    const problemsOf = (part: object): number => {
      readScript({ path: "a.json", content: JSON.stringify({ "a.b.C": part }) }, interfaces, "/a", diagnostics);
      return diagnostics.sorted().length;
    };
    expect(problemsOf(script(names))).toBe(0);
    // The limit of 10,000 problems, and a last line with the number of the others.
    expect(problemsOf(script(misspelled))).toBe(10_001);
  },
);
