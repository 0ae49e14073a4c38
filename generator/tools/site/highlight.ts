/** A part of code with its kind, which determines its color. */
export interface HighlightedText {
  readonly text: string;
  readonly kind?: "keyword" | "string" | "number" | "comment";
}

const TYPESCRIPT =
  /(?<comment>\/\/[^\n]*)|(?<string>"(?:[^"\\\n]|\\.)*")|(?<keyword>\b(?:as|async|await|class|const|extends|for|from|import|new|of|override|return|this|true|type|using)\b)|(?<number>\b\d[\d.]*n?\b)/g;
const SHELL = /(?<string>"[^"]*"|'[^']*')|(?<keyword>^(?:busctl|gdbus)\b)/gm;

/** Splits the code of a snippet into parts of one kind. */
export function highlight(code: string, language: "ts" | "sh"): readonly HighlightedText[] {
  const parts: HighlightedText[] = [];
  let end = 0;
  for (const match of code.matchAll(language === "ts" ? TYPESCRIPT : SHELL)) {
    if (match.index > end) parts.push({ text: code.slice(end, match.index) });
    const kind = KINDS.find((candidate) => match.groups?.[candidate] !== undefined);
    parts.push({ text: match[0], ...(kind && { kind }) });
    end = match.index + match[0].length;
  }
  if (end < code.length) parts.push({ text: code.slice(end) });
  return parts;
}

const KINDS = ["comment", "string", "keyword", "number"] as const;
