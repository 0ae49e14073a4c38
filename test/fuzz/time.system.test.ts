import { analyze, assignNames, compareSpecs, Diagnostics, lint } from "dbus-codegen-ts";
import { expect, test } from "vitest";
import { documentSpecs } from "../../generator/tools/site/document.ts";
import { ASSETS } from "../generator/tools/site/support.ts";
import { SHAPES } from "./hostile-shapes.ts";

/** Shapes that an algorithm with quadratic time cannot process before the timeout of a test. `fuzz -- time` measures all. */
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

/** Twenty times as long as the slowest of them takes. */
const TIMEOUT_MS = 30_000;

test.each(NAMES)(
  "256 KiB of %s is read, named, linted, compared and documented",
  (name) => {
    const content = SHAPES.find((shape) => shape.name === name)?.build(2 ** 18);
    if (content === undefined) throw new Error(`there is no shape "${name}"`);
    const sources = [{ path: "a.xml", content }];
    const diagnostics = new Diagnostics();
    const { ir } = analyze(sources, diagnostics);
    if (!diagnostics.hasErrors) assignNames(ir, diagnostics);
    lint(sources);
    expect(compareSpecs(sources, sources).changes).toEqual([]);
    documentSpecs(sources, { format: "markdown", title: "Title" }, ASSETS);
  },
  TIMEOUT_MS,
);
