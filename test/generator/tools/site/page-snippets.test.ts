import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { TypeEmitter } from "../../../../generator/compiler/emit/type-emitter.ts";
import { siteContext } from "../../../../generator/tools/site/context.ts";
import { typescriptText } from "../../../../generator/tools/site/html/code.ts";
import { memberSections } from "../../../../generator/tools/site/member.ts";
import { type Snippet, snippetText } from "../../../../generator/tools/site/snippet.ts";
import { memberSnippets, PHRASES } from "../../../../generator/tools/site/snippet-phrases.ts";
import { Snippets } from "../../../../generator/tools/site/snippets.ts";
import { ASSETS, resolved, sourcesOf } from "./support.ts";

interface Decoder {
  decode(
    data: string,
    phrases: Readonly<Record<string, string>>,
    values: Readonly<Record<string, string>>,
  ): readonly (string | { readonly place: string })[];
  plainName(name: string): string;
  serviceDeclaration(client: string): string;
}

/** The functions with which the script of a page writes snippets. */
const SCRIPT: Decoder = runInNewContext(`${ASSETS["snippets.js"]}\ndbusDocsSnippets`);

/** Returns a snippet in which each value that the reader fills in is a name in angle brackets. */
function withPlaces({ imports, body }: Snippet): string {
  const places = body.map((part) => (typeof part === "string" ? part : `<${part.placeholder}>`));
  return snippetText({ kind: "client", language: "ts", imports, body: places });
}

test("the script of a page writes the snippets of all members", async () => {
  const { ir, names } = resolved(await sourcesOf("specs", "test/e2e/specs"));
  const site = siteContext(ir, names, "Test", {}, ".html");
  let count = 0;
  for (const iface of ir.interfaces) {
    const all = new Snippets(iface, names, new TypeEmitter(names, iface.types), { bus: "session" });
    for (const { member, typescript, snippets } of memberSections(iface, site, all).flatMap(([, list]) => list)) {
      const declaration = typescriptText(typescript);
      const values = { name: iface.name, variable: all.variable, member: member.name, declaration };
      const [renamed, ...data] = memberSnippets(snippets, { ...values, identifier: names.member(member) });
      const letters = {
        ι: iface.name,
        κ: all.variable,
        μ: member.name,
        τ: typeof renamed === "string" ? renamed : SCRIPT.plainName(member.name),
        σ: SCRIPT.serviceDeclaration(declaration),
      };
      const written = data
        .filter((text) => typeof text === "string")
        .map((text) => SCRIPT.decode(text, PHRASES, letters))
        .map((parts) => parts.map((part) => (typeof part === "string" ? part : `<${part.place}>`)).join(""));
      expect(written).toEqual(snippets.map(withPlaces));
      count += written.length;
    }
  }
  expect(count).toBeGreaterThan(700);
});

test("letters of phrases in a snippet are kept", () => {
  const body = ["ΑΩω αβγ busctl ", { placeholder: "bus", text: "--user", isKnown: true } as const, " ω"];
  const values = { name: "a.b", variable: "b", member: "M", identifier: "m", declaration: "m()" };
  const [, data = ""] = memberSnippets([{ kind: "client", language: "sh", imports: [], body }], values);
  const letters = { ι: "a.b", κ: "b", μ: "M", τ: "m", σ: "m()" };
  const parts = SCRIPT.decode(String(data), PHRASES, letters);
  expect(parts.map((part) => (typeof part === "string" ? part : part.place)).join("")).toBe("ΑΩω αβγ busctl bus ω");
});
