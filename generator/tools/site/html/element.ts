import { escapeHtml, escapeScript } from "../../../compiler/text/escape.ts";
import { hrefOf, type Location } from "../location.ts";

/** The content of a page: texts, which are escaped when they are rendered, and elements. Raw markup is not possible. */
export type Html = string | HtmlElement | readonly Html[];

/**
 * A rendered element. Only this module creates it. It contains markup instead of a tree of elements, so that large
 * pages need less memory.
 */
export class HtmlElement {
  readonly #markup: string;

  constructor(markup: string) {
    this.#markup = markup;
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
  readonly tabindex?: string;
  readonly checked?: true;
  readonly open?: true;
  readonly defer?: true;
  readonly [data: `data-${string}`]: string | undefined;
  readonly [aria: `aria-${string}`]: string | undefined;
}

/** Elements without an end tag: they have no content, or the next tag ends them. */
const UNCLOSED = new Set("meta link input wbr html head body li dt dd thead tbody tr th td".split(" "));
/** Elements after which a line ends, so that the lines of a page are short. */
const ON_A_LINE = new Set("title script header nav main footer section div p ul ol li pre tr".split(" "));

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
  | "b"
  | "a"
  | "span"
  | "code"
  | "small"
  | "em"
  | "var"
  | "wbr"
  | "input"
  | "label"
  | "caption";

/** Creates an element. Line breaks follow only some elements, because they add to the size of a site. */
export function h(tag: Tag, attributes: Attributes, ...children: readonly Html[]): HtmlElement {
  const end = `${UNCLOSED.has(tag) ? "" : `</${tag}>`}${ON_A_LINE.has(tag) ? "\n" : ""}`;
  return new HtmlElement(`<${tag}${attributesOf(attributes)}>${renderHtml(children)}${end}`);
}

/** Returns an invisible element with a value for the scripts. Browsers do not run it. */
export function dataBlock(id: string, value: unknown): HtmlElement {
  return new HtmlElement(`<script type=application/json id=${id}>${escapeScript(value)}</script>\n`);
}

/** Returns a text that contains much markup, such as a spec. */
export function markupText(text: string): HtmlElement {
  return new HtmlElement(escapeHtml(text, "markup"));
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
      return ` ${name}=${attributeValue(typeof value === "string" ? value : hrefOf(value))}`;
    })
    .join("");
}

/** Returns the value of an attribute, in quotes if HTML requires them. */
function attributeValue(value: string): string {
  return /^[\w.:#%/-]+$/.test(value) ? value : `"${escapeHtml(value, "attribute")}"`;
}
