import type { Block, Inline } from "../../../compiler/resolve/doc.ts";
import { escapeMarkdown, markdownBlock, markdownCode } from "../../../compiler/text/escape.ts";
import { type Home, hrefOf, type Place } from "../places.ts";
import { linkWords, type References } from "../references.ts";

/** Writes documentation as GitHub-flavoured Markdown; what it names is linked to. */
export class MarkdownDoc {
  readonly #references: References;
  readonly #home: Home;

  /** @param home - The page it stands on: short names are looked for there first. */
  constructor(references: References, home: Home) {
    this.#references = references;
    this.#home = home;
  }

  /** Blocks with an empty line between them. */
  blocks(blocks: readonly Block[]): string {
    return blocks.map((block) => this.#block(block)).join("\n\n");
  }

  /** Blocks in a cell of a table, which is one line. */
  cell(blocks: readonly Block[]): string {
    return blocks.map((block) => this.#cellBlock(block)).join("<br>");
  }

  inlines(inlines: readonly Inline[]): string {
    return inlines
      .map((inline) => this.#inline(inline))
      .join("")
      .trim();
  }

  #block(block: Block): string {
    switch (block.kind) {
      case "paragraph":
        return this.#line(block.text);
      case "code":
        return markdownBlock(block.text, "");
      case "rationale":
        return quote(`**Rationale**\n\n${this.blocks(block.blocks)}`);
      case "list":
        return block.items
          .map((item, at) => this.#item(block.ordered ? `${at + 1}. ` : "- ", this.blocks(item)))
          .join("\n");
      case "definitions":
        return block.items
          .map(({ term, blocks }) => this.#item("- ", `**${this.inlines(term)}**: ${this.blocks(blocks)}`))
          .join("\n");
    }
  }

  #cellBlock(block: Block): string {
    switch (block.kind) {
      case "paragraph":
        return this.inlines(block.text);
      case "code":
        return block.text.split("\n").map(markdownCode).join("<br>");
      case "rationale":
        return `_Rationale:_ ${this.cell(block.blocks)}`;
      case "list":
        return block.items.map((item) => `• ${this.cell(item)}`).join("<br>");
      case "definitions":
        return block.items.map(({ term, blocks }) => `• **${this.inlines(term)}**: ${this.cell(blocks)}`).join("<br>");
    }
  }

  /** What stands at the beginning of a line must not begin a list or a heading. */
  #line(inlines: readonly Inline[]): string {
    return this.inlines(inlines)
      .replace(/^([-+=])/, "\\$1")
      .replace(/^(\d+)([.)])/, "$1\\$2");
  }

  #item(mark: string, text: string): string {
    return mark + text.replaceAll("\n", `\n${" ".repeat(mark.length)}`);
  }

  #inline({ kind, text }: Inline): string {
    const find = (name: string): Place | undefined => this.#references.find(name, this.#home);
    switch (kind) {
      case "text":
        return linkWords(text, find)
          .map((part) => link(escapeMarkdown(part.text), part.place))
          .join("");
      case "emphasis":
        return text.trim() === "" ? "" : `*${escapeMarkdown(text.trim())}*`;
      case "code":
        return link(markdownCode(text), find(text));
    }
  }
}

/** A text that leads to a place, if there is one. */
export function link(text: string, place: Place | undefined): string {
  return place === undefined ? text : `[${text}](${hrefOf(place)})`;
}

function quote(text: string): string {
  return text.replace(/^/gm, "> ").replace(/ +$/gm, "");
}
