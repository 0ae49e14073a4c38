import type { Block, Inline } from "../../../compiler/resolve/doc.ts";
import { linkWords, type References } from "../references.ts";
import type { PageSubject } from "../site-map.ts";
import { type Html, h } from "./element.ts";

/** A writer of documentation as HTML, with links from names to their declarations. */
export class HtmlDoc {
  readonly #references: References;
  readonly #subject: PageSubject;

  /** @param subject - The subject of the page. Short names refer to its declarations first. */
  constructor(references: References, subject: PageSubject) {
    this.#references = references;
    this.#subject = subject;
  }

  blocks(blocks: readonly Block[]): Html {
    return blocks.map((block) => this.#block(block));
  }

  inlines(inlines: readonly Inline[]): Html {
    return inlines.map((inline) => this.#inline(inline));
  }

  #block(block: Block): Html {
    switch (block.kind) {
      case "paragraph":
        return h("p", {}, this.inlines(block.text));
      case "code":
        return h("pre", { class: "code", tabindex: "0" }, h("code", {}, block.text));
      case "rationale":
        return h(
          "div",
          { class: "rationale", role: "note", "aria-label": "Rationale" },
          h("p", { class: "caption" }, "Rationale"),
          this.blocks(block.blocks),
        );
      case "list":
        return h(
          block.ordered ? "ol" : "ul",
          {},
          block.items.map((item) => h("li", {}, this.#tight(item))),
        );
      case "table":
        return h(
          "table",
          {},
          h(
            "thead",
            {},
            h(
              "tr",
              {},
              block.head.map((cell) => h("th", {}, this.inlines(cell))),
            ),
          ),
          h(
            "tbody",
            {},
            block.rows.map((row) =>
              h(
                "tr",
                {},
                row.map((cell) => h("td", {}, this.inlines(cell))),
              ),
            ),
          ),
        );
      case "definitions":
        return h(
          "dl",
          {},
          block.items.map(({ term, blocks }) => [h("dt", {}, this.inlines(term)), h("dd", {}, this.#tight(blocks))]),
        );
    }
  }

  /** Writes the blocks of a list item. A single paragraph is written without an element around it. */
  #tight(blocks: readonly Block[]): Html {
    const [only, ...more] = blocks;
    return only?.kind === "paragraph" && more.length === 0 ? this.inlines(only.text) : this.blocks(blocks);
  }

  #inline({ kind, text }: Inline): Html {
    switch (kind) {
      case "text":
        return linkWords(text, (name) => this.#references.find(name, this.#subject)).map((part) =>
          part.location === undefined ? part.text : h("a", { href: part.location }, part.text),
        );
      case "emphasis":
        return h("em", {}, text);
      case "code": {
        const location = this.#references.find(text, this.#subject);
        const code = h("code", {}, text);
        return location === undefined ? code : h("a", { href: location }, code);
      }
    }
  }
}
