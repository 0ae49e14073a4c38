import type { Block, Doc, Inline } from "../resolve/doc.ts";

/** The first sentence of a documentation. */
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

/** Where a sentence ends: after a full stop before a space, unless it ends an abbreviation. */
function endOfSentence(text: string): number {
  for (const match of text.matchAll(/[.!?](?=\s)/g)) {
    const before = text.slice(0, match.index);
    if (!/\b(?:e\.g|i\.e|etc|vs|cf|resp|approx|[A-Z])$/.test(before)) return match.index + 1;
  }
  return -1;
}

/** All words of a documentation, without layout: what a search looks in. */
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
    case "definitions":
      return block.items.map(({ term, blocks }) => `${inlineText(term)}: ${plainText(blocks)}`).join(" ");
  }
}

/** Inlines as one text. */
export function inlineText(inlines: readonly Inline[]): string {
  return inlines
    .map(({ text }) => text)
    .join("")
    .trim();
}
