import type { Block, Doc, Inline } from "../resolve/doc.ts";

/** Returns the first sentence of documentation. */
export function firstSentence({ blocks }: Doc): readonly Inline[] {
  const first = blocks.find((block) => block.kind === "paragraph");
  const sentence: Inline[] = [];
  for (const inline of first?.text ?? []) {
    const end = inline.kind === "text" ? endOfSentence(inline.text) : -1;
    if (end !== -1) return [...sentence, { kind: "text", text: inline.text.slice(0, end) }];
    sentence.push(inline);
  }
  return sentence;
}

/** Number of characters before a full stop that decide whether it ends a sentence. */
const MAX_ABBREVIATION = 8;

/** Returns the end of the first sentence of a text, or -1. A full stop of an abbreviation does not end it. */
function endOfSentence(text: string): number {
  for (const match of text.matchAll(/[.!?](?=\s)/g)) {
    const before = text.slice(Math.max(0, match.index - MAX_ABBREVIATION), match.index);
    if (!/\b(?:e\.g|i\.e|etc|vs|cf|resp|approx|[A-Z])$/.test(before)) return match.index + 1;
  }
  return -1;
}

/** Returns all words of documentation as one text, for search. */
export function plainText(blocks: readonly Block[]): string {
  return blocks
    .map(blockText)
    .filter((text) => text !== "")
    .join(" ");
}

function blockText(block: Block): string {
  switch (block.kind) {
    case "paragraph":
      return inlineText(block.text);
    case "code":
      return block.text.replace(/\s+/g, " ");
    case "rationale":
      return plainText(block.blocks);
    case "list":
      return block.items.map(plainText).join(" ");
    case "table":
      return [block.head, ...block.rows].map((row) => row.map(inlineText).join(" ")).join(" ");
    case "definitions":
      return block.items.map(({ term, blocks }) => `${inlineText(term)}: ${plainText(blocks)}`).join(" ");
  }
}

/** Returns inlines as one text without markup. */
export function inlineText(inlines: readonly Inline[]): string {
  return inlines
    .map(({ text }) => text)
    .join("")
    .trim();
}
