import { escapeHtml } from "../../../compiler/text/escape.ts";
import { hrefOf, type Location } from "../location.ts";

/** The content of a page: texts, which are escaped when they are rendered, and elements. Raw markup is not possible. */
export type Html = string | HtmlElement | readonly Html[];

/** A rendered element. Only `h` creates it. Without a tree of elements, large pages need less memory. */
export class HtmlElement {
  readonly #markup: string;

  constructor(tag: Tag, attributes: Attributes, children: readonly Html[]) {
    const end = `${VOID.has(tag) ? "" : `</${tag}>`}${BLOCK.has(tag) ? "\n" : ""}`;
    this.#markup = `<${tag}${attributesOf(attributes)}>${renderHtml(children)}${end}`;
  }

  toString(): string {
    return this.#markup;
  }
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
  readonly autocomplete?: string;
  readonly scope?: string;
  readonly tabindex?: string;
  readonly checked?: true;
  readonly open?: true;
  readonly defer?: true;
  readonly [data: `data-${string}`]: string | undefined;
  readonly [aria: `aria-${string}`]: string | undefined;
}

const VOID = new Set(["meta", "link", "input", "wbr"]);
const BLOCK = new Set(
  (
    "html head meta title link script body header nav main footer section div p ul ol li dl dt dd pre table " +
    "thead tbody tr th td h1 h2 h3 h4 fieldset legend details summary"
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
  | "fieldset"
  | "legend"
  | "details"
  | "summary"
  | "abbr"
  | "a"
  | "span"
  | "code"
  | "em"
  | "var"
  | "wbr"
  | "input"
  | "label"
  | "caption";

/** Creates an element. A line break follows a block element. */
export function h(tag: Tag, attributes: Attributes, ...children: readonly Html[]): HtmlElement {
  return new HtmlElement(tag, attributes, children);
}

/** Renders content as text. */
export function renderHtml(html: Html): string {
  if (typeof html === "string") return escapeHtml(html, "content");
  if (html instanceof HtmlElement) return html.toString();
  let text = "";
  for (const child of html) text += renderHtml(child);
  return text;
}

function attributesOf(attributes: Attributes): string {
  return Object.entries(attributes)
    .map(([name, value]: readonly [string, string | true | Location | undefined]) => {
      if (value === undefined) return "";
      if (value === true) return ` ${name}`;
      return ` ${name}="${escapeHtml(typeof value === "string" ? value : hrefOf(value), "attribute")}"`;
    })
    .join("");
}
