/** A piece of code and what it is, for its colour. */
export interface Colored {
  readonly text: string;
  readonly kind?: "keyword" | "string" | "number" | "comment";
}

const TYPESCRIPT =
  /(?<comment>\/\/[^\n]*)|(?<string>"(?:[^"\\\n]|\\.)*")|(?<keyword>\b(?:as|async|await|class|const|extends|for|from|import|new|of|override|return|this|true|type|using)\b)|(?<number>\b\d[\d.]*n?\b)/g;
const SHELL = /(?<string>"[^"]*"|'[^']*')|(?<keyword>^(?:busctl|gdbus)\b)/gm;

/** Cuts code of a snippet into pieces to colour. */
export function highlight(code: string, language: "ts" | "sh"): readonly Colored[] {
  const pieces: Colored[] = [];
  let end = 0;
  for (const match of code.matchAll(language === "ts" ? TYPESCRIPT : SHELL)) {
    if (match.index > end) pieces.push({ text: code.slice(end, match.index) });
    const kind = KINDS.find((one) => match.groups?.[one] !== undefined);
    pieces.push({ text: match[0], ...(kind && { kind }) });
    end = match.index + match[0].length;
  }
  if (end < code.length) pieces.push({ text: code.slice(end) });
  return pieces;
}

const KINDS = ["comment", "string", "keyword", "number"] as const;
