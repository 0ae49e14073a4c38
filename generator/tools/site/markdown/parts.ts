import type { Annotations, Type } from "../../../compiler/resolve/ir.ts";
import { escapeHtml, escapeMarkdown, markdownBlock, markdownCode } from "../../../compiler/text/escape.ts";
import type { SiteContext } from "../context.ts";
import { namedPart } from "../describe-type.ts";
import { type Fact, otherAnnotations } from "../facts.ts";
import type { Place } from "../places.ts";
import { SNIPPET_TITLES, type Snippet, snippetText } from "../snippet.ts";
import { link } from "./doc.ts";
import { paragraphs } from "./table.ts";

/** The permalink of what follows. */
export function anchor({ id }: Place): string {
  return id === undefined ? "" : `<a id="${escapeHtml(id)}"></a>`;
}

/** Notes beside a name. */
export function notes(facts: readonly Fact[]): string {
  return facts.map(({ text }) => ` · ${escapeMarkdown(text)}`).join("");
}

/** A signature, and the named type that gives it its meaning. */
export function typeMarkdown(type: Type, site: SiteContext): string {
  const named = namedPart(type);
  const signature = markdownCode(type.signature);
  if (named === undefined) return signature;
  return `${signature} ${link(markdownCode(named.type.name + named.suffix), site.places.of(named.type))}`;
}

/** Annotations that nothing else tells. */
export function annotationsMarkdown(annotations: Annotations): string {
  return otherAnnotations(annotations)
    .map(([name, value]) => `- ${markdownCode(name)}: ${markdownCode(value)}`)
    .join("\n");
}

/** Snippets, closed until they are wanted. */
export function snippetsMarkdown(snippets: readonly Snippet[]): string {
  const blocks = snippets.map((snippet) =>
    paragraphs(`**${SNIPPET_TITLES[snippet.kind]}**`, markdownBlock(snippetText(snippet), snippet.language)),
  );
  return blocks.length === 0 ? "" : paragraphs("<details><summary>Snippets</summary>", ...blocks, "</details>");
}
