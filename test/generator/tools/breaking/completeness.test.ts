import { compareSpecs, generate, type Source } from "dbus-codegen-ts";
import { expect, test } from "vitest";
import { mutant } from "../../../fuzz/mutate.ts";
import { SEEDS } from "../../../fuzz/seeds.ts";

/** Values that attributes of one name have anywhere: what may stand for each other. */
const POOLS = new Map<string, readonly string[]>();
for (const [, name = "", value = ""] of SEEDS.join("\n").matchAll(/([\w:-]+)="([^"]*)"/g)) {
  POOLS.set(name, [...new Set([...(POOLS.get(name) ?? []), value, `${value}2`])]);
}
const MOST_VALUES = 12;

/** A spec without one element, and with one attribute that has another value: all there are. */
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

/** A seed includes another file: it stands beside all of them. */
const withOther = (content: string): readonly Source[] => [
  { path: "a.xml", content },
  { path: "other.xml", content: `<node/>` },
];

/** What generated modules say without documentation, layout and order; undefined where the spec is refused. */
async function meaning(content: string): Promise<string | undefined> {
  const { files, diagnostics } = await generate(withOther(content));
  if (diagnostics.some(({ severity }) => severity === "error")) return undefined;
  const parts = files.flatMap(({ path, text }) => {
    const code = text.replace(/^\s*\/\*\*[\s\S]*?\*\/\n/gm, "").replace(/^(?:import|\/\/).*\n/gm, "");
    const undocumented = code
      .replace(/"org\.gtk\.GDBus\.\w+": "(?:[^"\\]|\\.)*"/g, "")
      .replace(/annotations: \{[\s,]*\}/g, "");
    return [path, ...undocumented.split(/[\s,;]+/)];
  });
  return parts.toSorted().join("\n").trim();
}

/** What is told for people, though generated code does not show it. */
const IN_WORDS = ["deprecated", "undeprecated", "dictionary-key-access", "method-error-added", "method-error-removed"];

test.each(SEEDS.map((seed, index) => [index, seed] as const))(
  "seed %i: where one edit makes other code, a change is told; where it does not, none is",
  async (_, before) => {
    const was = await meaning(before);
    expect(was).toBeDefined();
    for (const after of edits(before)) {
      const is = await meaning(after);
      if (is === undefined) continue;
      const { changes } = compareSpecs(withOther(before), withOther(after));
      const told = changes.filter(({ code }) => !IN_WORDS.includes(code)).map(({ message }) => message);
      expect(told.length > 0 || (is !== was && changes.length > 0), `${told.join()}\n${after}`).toBe(is !== was);
    }
  },
);

test("whatever stands in specs, they can be compared", () => {
  const sources = (seed: number) => Object.entries(mutant(seed)).map(([path, content]) => ({ path, content }));
  for (let seed = 0; seed < 3000; seed++)
    expect(() => compareSpecs(sources(seed), sources(seed + 1)), `seed ${seed}`).not.toThrow();
});
