import { escapeHtml } from "../../../compiler/text/escape.ts";
import { hrefOf, type Location } from "../site-map.ts";

/** The content of a page: texts, which are escaped when they are rendered, and elements. Raw markup is not possible. */
export type Html = string | HtmlElement | readonly Html[];

export interface HtmlElement {
  readonly tag: Tag;
  readonly attributes: Attributes;
  readonly children: readonly Html[];
}

/** The allowed attributes: no inline styles, no event handlers, and links only to locations of the site. */
export interface Attributes {
  readonly id?: string;
  readonly class?: string;
  readonly title?: string;
  readonly href?: Location;
  readonly src?: Location;
  readonly lang?: string;
  readonly charset?: string;
  readonly name?: string;
  readonly content?: string;
  readonly "http-equiv"?: string;
  readonly rel?: string;
  readonly type?: string;
  readonly role?: string;
  readonly for?: string;
  readonly value?: string;
  readonly placeholder?: string;
  readonly autocomplete?: string;
  readonly spellcheck?: "false";
  readonly scope?: string;
  readonly tabindex?: string;
  readonly checked?: true;
  readonly hidden?: true;
  readonly [data: `data-${string}`]: string | undefined;
  readonly [aria: `aria-${string}`]: string | undefined;
}

const VOID = new Set(["meta", "link", "input", "wbr"]);
const BLOCK = new Set(
  (
    "html head meta title link script body header nav main footer section div p ul ol li dl dt dd pre table " +
    "thead tbody tr th td h1 h2 h3 h4 form fieldset legend"
  ).split(" "),
);

/** The allowed elements. */
export type Tag =
  | "html"
  | "head"
  | "meta"
  | "title"
  | "link"
  | "script"
  | "body"
  | "header"
  | "nav"
  | "main"
  | "footer"
  | "section"
  | "div"
  | "p"
  | "ul"
  | "ol"
  | "li"
  | "dl"
  | "dt"
  | "dd"
  | "pre"
  | "table"
  | "thead"
  | "tbody"
  | "tr"
  | "th"
  | "td"
  | "h1"
  | "h2"
  | "h3"
  | "h4"
  | "form"
  | "fieldset"
  | "legend"
  | "a"
  | "span"
  | "code"
  | "em"
  | "var"
  | "wbr"
  | "input"
  | "label"
  | "button"
  | "caption";

/** Creates an element. */
export function h(tag: Tag, attributes: Attributes, ...children: readonly Html[]): HtmlElement {
  return { tag, attributes, children };
}

/** Renders a page as text. A line break follows each block element. */
export function renderHtml(html: Html): string {
  const out: string[] = [];
  write(html, out);
  return out.join("");
}

function write(html: Html, out: string[]): void {
  if (typeof html === "string") out.push(escapeHtml(html));
  else if (!isElement(html)) for (const child of html) write(child, out);
  else {
    const { tag, attributes, children } = html;
    out.push(`<${tag}${attributesOf(attributes)}>`);
    for (const child of children) write(child, out);
    if (!VOID.has(tag)) out.push(`</${tag}>`);
    if (BLOCK.has(tag)) out.push("\n");
  }
}

function attributesOf(attributes: Attributes): string {
  return Object.entries(attributes)
    .map(([name, value]: readonly [string, string | true | Location | undefined]) => {
      if (value === undefined) return "";
      if (value === true) return ` ${name}`;
      return ` ${name}="${escapeHtml(typeof value === "string" ? value : hrefOf(value))}"`;
    })
    .join("");
}

function isElement(html: HtmlElement | readonly Html[]): html is HtmlElement {
  return "tag" in html;
}
