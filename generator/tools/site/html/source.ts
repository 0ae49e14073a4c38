import type { Span } from "../../../compiler/diagnostics/source.ts";
import type { SiteContext } from "../context.ts";
import { baseName, lineId, type SourceFile } from "../source-locations.ts";
import { type Html, type HtmlElement, h, markupText } from "./element.ts";
import type { Page } from "./page.ts";

/** Returns the page of a spec: its text, in which the lines of declarations have ids. */
export function sourcePage(file: SourceFile): Page {
  const title = baseName(file.source.path);
  const main = [h("p", { class: "eyebrow" }, "Spec"), h("h1", {}, title), sourceText(file)];
  return { title, main, hasMembers: false };
}

/** Returns the text of a spec as the last section of another page. */
export function sourceSection(file: SourceFile): HtmlElement {
  return h("section", {}, h("h2", {}, "Spec"), sourceText(file));
}

function sourceText({ source, lines }: SourceFile): HtmlElement {
  const parts: Html[] = [];
  let start = 0;
  for (const line of [...lines].toSorted((a, b) => a - b)) {
    const offset = source.offset(line, 1);
    const text = source.line(line) ?? "";
    parts.push(markupText(source.text.slice(start, offset)), h("b", { id: lineId(line) }, markupText(text)));
    start = offset + text.length;
  }
  parts.push(markupText(source.text.slice(start)));
  return h("pre", { class: "source" }, parts);
}

/** Returns a link to the line in which a declaration begins. */
export function sourceLink(span: Span, { siteMap }: SiteContext): HtmlElement {
  return h("a", { href: siteMap.sources.of(span) }, "source");
}
