import type { Span } from "../../../compiler/diagnostics/source.ts";
import type { SiteContext } from "../context.ts";
import { baseName, lineId, type SourceFile } from "../source-locations.ts";
import { type Html, type HtmlElement, h } from "./element.ts";
import type { Page } from "./page.ts";

/** Returns the page of a spec: its text, in which the lines of declarations have ids. */
export function sourcePage({ source, lines }: SourceFile): Page {
  const title = baseName(source.path);
  const parts: Html[] = [];
  let start = 0;
  for (const line of [...lines].toSorted((a, b) => a - b)) {
    const offset = source.offset(line, 1);
    const text = source.line(line) ?? "";
    parts.push(source.text.slice(start, offset), h("b", { id: lineId(line) }, text));
    start = offset + text.length;
  }
  parts.push(source.text.slice(start));
  const main = [h("p", { class: "eyebrow" }, "Spec"), h("h1", {}, title), h("pre", { class: "source" }, parts)];
  return { title, main, hasMembers: false };
}

/** Returns a link to the line in which a declaration begins. */
export function sourceLink(span: Span, { siteMap }: SiteContext): HtmlElement {
  return h("a", { class: "source", href: siteMap.sources.of(span) }, "source");
}
