import type { Code, ImportRef } from "../../compiler/emit/model.ts";
import { isListing, isRef } from "../../compiler/print/imports.ts";

/** A piece of a line of code: text, or a name from another module. */
export type Token = string | ImportRef;

/** How a name from another module is written. */
export type NameOf = (ref: ImportRef) => string;

/** Widest line of code on a page; a list that is longer goes one item a line. */
const WIDTH = 86;

/** Code on one line, as pieces. */
export function tokensOf(code: Code): readonly Token[] {
  if (typeof code === "string" || isRef(code)) return [code];
  if (!isListing(code)) return code.flatMap(tokensOf);
  const items = code.items.flatMap((item, index) => (index === 0 ? tokensOf(item) : [", ", ...tokensOf(item)]));
  return [code.open, ...items, code.close];
}

/** Code on one line if it fits; else its lists, from the first on, go one item a line until the rest fits. */
export function layOut(code: Code, indent = 0): readonly Token[] {
  const parts = partsOf(code);
  const flat = tokensOf(parts);
  const at =
    indent + textOfTokens(flat).length <= WIDTH
      ? -1
      : parts.findIndex((part) => isListing(part) && part.items.length > 0);
  const listing = parts[at];
  if (listing === undefined || !isListing(listing)) return flat;
  const pad = `\n${" ".repeat(indent)}`;
  return [
    ...tokensOf(parts.slice(0, at)),
    listing.open.trimEnd(),
    ...listing.items.flatMap((item) => [`${pad}  `, ...layOut(item, indent + 2), ","]),
    pad,
    ...layOut([listing.close.trimStart(), ...parts.slice(at + 1)], indent),
  ];
}

export function textOfTokens(tokens: readonly Token[], nameOf: NameOf = ({ name }) => name): string {
  return tokens.map((token) => (typeof token === "string" ? token : nameOf(token))).join("");
}

/** Code on one line, as text. */
export function textOfCode(code: Code): string {
  return textOfTokens(tokensOf(code));
}

function partsOf(code: Code): readonly Code[] {
  return typeof code === "string" || isRef(code) || isListing(code) ? [code] : code.flatMap(partsOf);
}
