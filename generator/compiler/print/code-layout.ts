import type { Code, DocumentedCode, ImportRef, Listing } from "../emit/file-model.ts";
import { docComment } from "./doc-comment.ts";

/** A piece of laid-out code: text, or a name from another module. */
export type Token = string | ImportRef;

/** Returns the identifier under which code refers to an import. */
export type NameOf = (ref: ImportRef) => string;

/** Settings of the layout of code. */
export interface CodeStyle {
  /** Widest line, in characters. */
  readonly width: number;
  readonly nameOf: NameOf;
}

/**
 * Lays code out on one line if it fits. Otherwise its listings, from the first one on, are divided into lines until the
 * rest fits. The spaces at the beginning of the code are the indentation of all its lines.
 */
export function layOut(code: Code, style: CodeStyle): readonly Token[] {
  const parts = partsOf(code);
  const isBroken = parts.some(isExpanded) || remainingWidth(parts, style.width, style.nameOf) < 0;
  const at = isBroken ? parts.findIndex((part) => isListing(part) && part.items.length > 0) : -1;
  const listing = parts[at];
  if (listing === undefined || !isListing(listing)) return tokensOf(parts);
  const indent = indentOf(parts);
  return [
    ...tokensOf(parts.slice(0, at)),
    listing.open.trimEnd(),
    "\n",
    ...(listing.isFilled ? fill(listing, `${indent}  `, style) : itemLines(listing, `${indent}  `, style)),
    ...layOut([indent, listing.close.trimStart(), ...parts.slice(at + 1)], style),
  ];
}

/** Lays out one item after another, each on its own lines. */
function itemLines(listing: Listing, indent: string, style: CodeStyle): readonly Token[] {
  return listing.items.flatMap((item, index) => {
    const comma = listing.isStrict && index === listing.items.length - 1 ? "" : ",";
    const comment = isDocumented(item) ? docComment(item.doc, indent.length) : [];
    return [
      ...comment.map((line) => `${indent}${line}\n`),
      ...layOut([indent, isDocumented(item) ? item.code : item, comma], style),
      "\n",
    ];
  });
}

/** Lays out items with as many of them on each line as fit. */
function fill({ items }: Listing, indent: string, { width, nameOf }: CodeStyle): readonly Token[] {
  const lines: string[] = [];
  for (const item of items) {
    const text = `${textOf(tokensOf(item), nameOf)},`;
    const line = lines.at(-1);
    if (line === undefined || line.length + 1 + text.length > width) lines.push(indent + text);
    else lines[lines.length - 1] = `${line} ${text}`;
  }
  return lines.map((line) => `${line}\n`);
}

/** Returns code on one line. */
export function tokensOf(code: Code): readonly Token[] {
  const tokens: Token[] = [];
  addTokens(code, tokens);
  return tokens;
}

function addTokens(code: Code, tokens: Token[]): void {
  if (typeof code === "string" || isRef(code)) tokens.push(code);
  else if (isDocumented(code)) addTokens(code.code, tokens);
  else if (!isListing(code)) for (const part of code) addTokens(part, tokens);
  else {
    tokens.push(code.open);
    for (const [index, item] of code.items.entries()) {
      if (index > 0) tokens.push(", ");
      addTokens(item, tokens);
    }
    tokens.push(code.close);
  }
}

/** Returns tokens as text. */
export function textOf(tokens: readonly Token[], nameOf: NameOf = ({ name }) => name): string {
  return tokens.map((token) => (typeof token === "string" ? token : nameOf(token))).join("");
}

/** Returns the names that code takes from other modules. */
export function refsOf(code: Code): readonly ImportRef[] {
  return tokensOf(code).filter((token) => typeof token !== "string");
}

/** Returns whether code has a listing that is never written on one line. */
function isExpanded(code: Code): boolean {
  if (typeof code === "string" || isRef(code)) return false;
  if (isDocumented(code)) return true;
  return isListing(code) ? code.isExpanded === true || code.items.some(isExpanded) : code.some(isExpanded);
}

function indentOf(parts: readonly Code[]): string {
  const [first] = parts.filter((part) => part !== "");
  return typeof first === "string" ? (/^ */.exec(first)?.[0] ?? "") : "";
}

/** Returns code without nested arrays. */
function partsOf(code: Code): readonly Code[] {
  const parts: Code[] = [];
  addParts(code, parts);
  return parts;
}

function addParts(code: Code, parts: Code[]): void {
  if (isSequence(code)) for (const part of code) addParts(part, parts);
  else parts.push(code);
}

/**
 * Returns how many characters of a width remain after code on one line. If the code does not fit, the result is any
 * negative number.
 */
function remainingWidth(code: Code, width: number, nameOf: NameOf): number {
  if (typeof code === "string") return width - code.length;
  if (isSequence(code)) {
    let remaining = width;
    for (const part of code) {
      remaining = remainingWidth(part, remaining, nameOf);
      if (remaining < 0) break;
    }
    return remaining;
  }
  if (isRef(code)) return width - nameOf(code).length;
  if (isDocumented(code)) return remainingWidth(code.code, width, nameOf);
  const separators = 2 * Math.max(0, code.items.length - 1);
  return remainingWidth(code.items, width - code.open.length - code.close.length - separators, nameOf);
}

function isSequence(code: Code): code is readonly Code[] {
  return Array.isArray(code);
}

function isListing(code: Code): code is Listing {
  return typeof code === "object" && "items" in code;
}

function isRef(code: Code): code is ImportRef {
  return typeof code === "object" && "from" in code;
}

function isDocumented(code: Code): code is DocumentedCode {
  return typeof code === "object" && "doc" in code;
}
