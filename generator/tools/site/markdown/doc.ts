import type { Block, Inline } from "../../../compiler/resolve/doc.ts";
import { escapeMarkdown, markdownBlock, markdownCode } from "../../../compiler/text/escape.ts";
import { hrefOf, type Location } from "../location.ts";
import { linkWords, type References } from "../references.ts";
import type { PageSubject } from "../site-map.ts";
import { markdownTable } from "./table.ts";

/** A writer of documentation as GitHub-flavored Markdown, with links from names to their declarations. */
export class MarkdownDoc {
  readonly #references: References;
  readonly #subject: PageSubject;

  /** @param subject - The subject of the page. Short names refer to its declarations first. */
  constructor(references: References, subject: PageSubject) {
    this.#references = references;
    this.#subject = subject;
  }

  /** Writes blocks with empty lines between them. */
  blocks(blocks: readonly Block[]): string {
    return blocks.map((block) => this.#block(block)).join("\n\n");
  }

  /** Writes blocks for a cell of a table, on one line. */
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
      case "table":
        return markdownTable(
          block.head.map((cell) => this.inlines(cell)),
          block.rows.map((row) => row.map((cell) => this.inlines(cell))),
        );
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
      case "table":
        return block.rows.map((row) => `• ${row.map((cell) => this.inlines(cell)).join(": ")}`).join("<br>");
      case "definitions":
        return block.items.map(({ term, blocks }) => `• **${this.inlines(term)}**: ${this.cell(blocks)}`).join("<br>");
    }
  }

  /** Escapes characters that would begin a list or a heading at the beginning of a line. */
  #line(inlines: readonly Inline[]): string {
    return this.inlines(inlines)
      .replace(/^([-+=])/, "\\$1")
      .replace(/^(\d+)([.)])/, "$1\\$2");
  }

  #item(mark: string, text: string): string {
    return mark + text.replaceAll("\n", `\n${" ".repeat(mark.length)}`);
  }

  #inline({ kind, text }: Inline): string {
    const find = (name: string): Location | undefined => this.#references.find(name, this.#subject);
    switch (kind) {
      case "text":
        return linkWords(text, find)
          .map((part) => link(escapeMarkdown(part.text), part.location))
          .join("");
      case "emphasis":
        return text.trim() === "" ? "" : `*${escapeMarkdown(text.trim())}*`;
      case "code":
        return link(markdownCode(text), find(text));
    }
  }
}

/** Returns a link to a location, or only the text if no location is given. */
export function link(text: string, location: Location | undefined): string {
  return location === undefined ? text : `[${text}](${hrefOf(location)})`;
}

function quote(text: string): string {
  return text.replace(/^/gm, "> ").replace(/^> $/gm, ">");
}
