import { compareSpecs, type Source } from "dbus-codegen-ts";
import { expect, test } from "vitest";
import { compareMutants, layoutModules } from "../../../fuzz/pipeline.ts";
import { SEEDS } from "../../../fuzz/seeds.ts";

/** Values of attributes in all seeds, by the name of the attribute. */
const POOLS = new Map<string, readonly string[]>();
for (const [, name = "", value = ""] of SEEDS.join("\n").matchAll(/([\w:-]+)="([^"]*)"/g)) {
  POOLS.set(name, [...new Set([...(POOLS.get(name) ?? []), value, `${value}2`])]);
}
const MOST_VALUES = 12;

/** Returns all variants of a spec that lack one element or have another value of one attribute. */
function edits(before: string): readonly string[] {
  const replaced = (match: RegExpExecArray, text: string): string =>
    before.slice(0, match.index) + text + before.slice(match.index + match[0].length);
  const attributes = [...before.matchAll(/([\w:-]+)="([^"]*)"/g)].filter(
    ([, , value]) => !value?.startsWith("org.gtk."),
  );
  return [
    ...[...before.matchAll(/<[\w:]+\b[^<>]*\/>/g)].map((match) => replaced(match, "")),
    ...attributes.flatMap((match) => {
      const [, name = ""] = match;
      return (POOLS.get(name) ?? []).slice(0, MOST_VALUES).map((value) => replaced(match, `${name}="${value}"`));
    }),
  ];
}

/** Returns the sources of a seed, with a file that one of the seeds includes. */
const withOther = (content: string): readonly Source[] => [
  { path: "a.xml", content },
  { path: "other.xml", content: `<node/>` },
];

/** Returns the code of the generated modules without documentation, layout and order, or undefined if the spec is invalid. */
function codeOf(content: string): string | undefined {
  const modules = layoutModules(withOther(content));
  if (modules === undefined) return undefined;
  const parts = modules.flatMap(({ path, text }) => {
    const code = text.replace(/^\s*\/\*\*[\s\S]*?\*\/\n/gm, "").replace(/^(?:import|\/\/).*\n/gm, "");
    const undocumented = code
      .replace(/"org\.gtk\.GDBus\.\w+": "(?:[^"\\]|\\.)*"/g, "")
      .replace(/annotations: \{[\s,]*\}/g, "");
    return [path, ...undocumented.split(/[\s,;]+/)];
  });
  return parts.toSorted().join("\n").trim();
}

/** Changes that do not affect generated code. */
const WITHOUT_EFFECT = [
  "deprecated",
  "undeprecated",
  "dictionary-key-access",
  "method-error-added",
  "method-error-removed",
];

test.each(SEEDS.map((seed, index) => [index, seed] as const))(
  "seed %i: reports a change if and only if an edit affects generated code",
  (_, before) => {
    const codeBefore = codeOf(before);
    expect(codeBefore).toBeDefined();
    for (const after of edits(before)) {
      const codeAfter = codeOf(after);
      if (codeAfter === undefined) continue;
      const { changes } = compareSpecs(withOther(before), withOther(after));
      const reported = changes.filter(({ code }) => !WITHOUT_EFFECT.includes(code)).map(({ message }) => message);
      expect(
        reported.length > 0 || (codeAfter !== codeBefore && changes.length > 0),
        `${reported.join()}\n${after}`,
      ).toBe(codeAfter !== codeBefore);
    }
  },
);

test("compares mutated specs without exceptions (npm run fuzz -- comparisons takes more)", () => {
  expect(() => compareMutants(0, 800)).not.toThrow();
});
