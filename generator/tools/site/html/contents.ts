import { type ContentsEntry, contentsOf } from "../contents.ts";
import type { SiteContext } from "../context.ts";
import type { PageSubject } from "../site-map.ts";
import { breakableName } from "./breakable-name.ts";
import { type Html, type HtmlElement, h } from "./element.ts";

/** Number of pages before and after the current one to which a page links without the script. */
const NEAR_PAGES = 1;

/**
 * Returns the contents beside a page. The script replaces them with the tree of all pages. Without it, the first page
 * links to all pages and each other page to those near it, so that the size of a page does not depend on their number.
 *
 * @param subject - The subject of the page, or `all` for the first page.
 */
export function contentsNav(site: SiteContext, subject: PageSubject | "all" | undefined): HtmlElement {
  const overview = h("a", { href: site.siteMap.index, ...currentIf(subject === "all") }, "Overview");
  return h(
    "nav",
    { id: "contents", "aria-label": "Contents" },
    h("a", { class: "close", href: { page: "", id: "main" } }, "Close"),
    h("ul", {}, h("li", {}, overview)),
    subject === undefined ? [] : subject === "all" ? entryList(contentsOf(site)) : nearPages(subject, site),
  );
}

/** Returns the attribute that marks a link to the current page. */
function currentIf(isHere: boolean): { readonly "aria-current"?: "page" } {
  return isHere ? { "aria-current": "page" } : {};
}

function entryList(entries: readonly ContentsEntry[]): HtmlElement {
  return h("ul", {}, entries.map(entryItem));
}

function entryItem({ label, location, entries }: ContentsEntry): HtmlElement {
  const name = breakableName(label);
  if (location === undefined)
    return h("li", {}, h("details", { open: true }, h("summary", {}, name), entryList(entries)));
  const below =
    entries.length === 0
      ? []
      : h("details", { open: true }, h("summary", { "aria-label": `Below ${label}` }), entryList(entries));
  return h("li", {}, h("a", { href: location }, name), below);
}

function nearPages(subject: PageSubject, { pagePlaces, siteMap }: SiteContext): Html {
  const place = pagePlaces.get(subject);
  if (place === undefined) throw new Error(`"${subject.name}" belongs to no group`);
  const { title, pages, index } = place;
  const near = pages.slice(Math.max(0, index - NEAR_PAGES), index + NEAR_PAGES + 1);
  return [
    h("p", { class: "group" }, breakableName(title)),
    h(
      "ul",
      {},
      near.map((page) =>
        h("li", {}, h("a", { href: page.location, ...currentIf(page.subject === subject) }, breakableName(page.name))),
      ),
      near.length < pages.length ? h("li", {}, h("a", { href: siteMap.index }, "More…")) : [],
    ),
  ];
}
