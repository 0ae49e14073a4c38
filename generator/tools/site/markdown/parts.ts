import type { Annotations, Type } from "../../../compiler/resolve/ir.ts";
import { escapeHtml, escapeMarkdown, markdownBlock, markdownCode } from "../../../compiler/text/escape.ts";
import type { SiteContext } from "../context.ts";
import { namedPart } from "../describe-type.ts";
import type { Location } from "../location.ts";
import { type Note, otherAnnotations } from "../notes.ts";
import { SNIPPET_TITLES, type Snippet, snippetText } from "../snippet.ts";
import { link } from "./doc.ts";
import { paragraphs } from "./table.ts";

/** Returns an anchor for the text that follows it. */
export function anchor({ id }: Location): string {
  return id === undefined ? "" : `<a id="${escapeHtml(id, "attribute")}"></a>`;
}

/** Returns notes to be shown beside a name. */
export function notesMarkdown(notes: readonly Note[]): string {
  return notes.map(({ text }) => ` · ${escapeMarkdown(text)}`).join("");
}

/** Returns the signature of a type, with a link to its named type if it has one. */
export function typeMarkdown(type: Type, site: SiteContext): string {
  const named = namedPart(type);
  const signature = markdownCode(type.signature);
  if (named === undefined) return signature;
  return `${signature} ${link(markdownCode(named.type.name + named.suffix), site.siteMap.of(named.type))}`;
}

/** Returns the annotations that no other part of a page describes. */
export function annotationsMarkdown(annotations: Annotations): string {
  return otherAnnotations(annotations)
    .map(([name, value]) => `- ${markdownCode(name)}: ${markdownCode(value)}`)
    .join("\n");
}

/** Returns snippets in a collapsed section. */
export function snippetsMarkdown(snippets: readonly Snippet[]): string {
  const blocks = snippets.map((snippet) =>
    paragraphs(`**${SNIPPET_TITLES[snippet.kind]}**`, markdownBlock(snippetText(snippet), snippet.language)),
  );
  return blocks.length === 0 ? "" : paragraphs("<details><summary>Snippets</summary>", ...blocks, "</details>");
}
