import type { Diagnostics } from "../diagnostics/diagnostic.ts";
import type { SourceText } from "../diagnostics/source.ts";

/** Internal general entities of a document, by name, as raw text. */
export type Entities = ReadonlyMap<string, string>;

/** Longest text an entity may stand for, in characters; none may contain another. */
const MAX_ENTITY_LENGTH = 4096;
/** Most entities a document may declare. */
const MAX_ENTITIES = 64;

const DOCTYPE =
  /<!DOCTYPE\s+[^\s[>]+(?:\s+(?:SYSTEM\s+(?:"[^"]*"|'[^']*')|PUBLIC\s+(?:"[^"]*"|'[^']*')(?:\s+(?:"[^"]*"|'[^']*'))?))?\s*(\[)?/y;
const DECLARATION =
  /\s+|<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!ENTITY\s+(?<parameter>%\s+)?(?<name>[\w:.-]+)\s+(?:(?<external>SYSTEM|PUBLIC)\b[^>]*|"(?<double>[^"]*)"|'(?<single>[^']*)')\s*>|<!(?:ELEMENT|ATTLIST|NOTATION)\b[^>]*>|%[\w:.-]+;/y;
/** Comments, character data and instructions, closed or not: what stands in them is no markup. */
export const OPAQUE = /<!--(?:[\s\S]*?-->|[\s\S]*)|<!\[CDATA\[(?:[\s\S]*?\]\]>|[\s\S]*)|<\?(?:[\s\S]*?\?>|[\s\S]*)/;
const PROLOG = /(?:\s+|<!--[\s\S]*?-->|<\?[\s\S]*?\?>)*/y;

/**
 * Reads the document type declaration: its name and external identifier are ignored and never fetched, small
 * internal entities are collected, everything else is refused. The returned text has spaces in its place.
 */
export function readDoctype(
  source: SourceText,
  diagnostics: Diagnostics,
): { text: string; entities: Entities } | undefined {
  const { text } = source;
  PROLOG.lastIndex = 0;
  PROLOG.exec(text);
  const start = PROLOG.lastIndex;
  const late = lateDoctype(text, start + 1);
  if (late !== undefined)
    return refuse(late, late + 9, "the document type stands before the root element and nowhere else");
  if (!text.startsWith("<!DOCTYPE", start)) return { text, entities: new Map() };
  DOCTYPE.lastIndex = start;
  const head = DOCTYPE.exec(text);
  if (head === null) return refuse(start, start + 9, "the document type declaration is not well-formed");
  let end = DOCTYPE.lastIndex;
  const entities = new Map<string, string>();
  if (head[1] === "[") {
    const after = readSubset(end);
    if (after === undefined) return undefined;
    end = after;
  }
  if (text[end] !== ">") return refuse(start, start + 9, "the document type declaration is not closed");
  const blank = text.slice(start, end + 1).replace(/[^\n]/g, " ");
  return { text: text.slice(0, start) + blank + text.slice(end + 1), entities };

  function readSubset(from: number): number | undefined {
    let at = from;
    while (text[at] !== "]") {
      DECLARATION.lastIndex = at;
      const declaration = DECLARATION.exec(text);
      if (declaration === null) return refuse(at, at + 1, "this is not an entity declaration");
      const problem = declare(declaration);
      if (problem !== undefined) return refuse(at, DECLARATION.lastIndex, problem);
      at = DECLARATION.lastIndex;
    }
    const close = /\]\s*/y;
    close.lastIndex = at;
    close.exec(text);
    return close.lastIndex;
  }

  function declare({ 0: whole, groups = {} }: RegExpExecArray): string | undefined {
    if (whole.startsWith("%") || groups["parameter"] !== undefined) return "parameter entities are refused";
    if (groups["external"] !== undefined)
      return "external entities are refused: a spec never reads another file through its document type";
    if (groups["name"] === undefined) return undefined;
    const value = groups["double"] ?? groups["single"] ?? "";
    if (value.length > MAX_ENTITY_LENGTH) return `the entity is longer than ${MAX_ENTITY_LENGTH} characters`;
    if (/&(?!#|(?:lt|gt|amp|quot|apos);)/.test(value) || value.includes("<"))
      return "an entity that holds markup or another entity is refused";
    if (entities.size >= MAX_ENTITIES) return `more than ${MAX_ENTITIES} entities are refused`;
    if (!entities.has(groups["name"])) entities.set(groups["name"], value);
    return undefined;
  }

  function refuse(from: number, to: number, message: string): undefined {
    diagnostics.report("xml-dtd", { source, start: from, end: to }, message, {
      hint: "a spec needs no document type; use the standard one or remove it",
    });
    return undefined;
  }
}

/** Place of a document type declaration behind another place. */
function lateDoctype(text: string, from: number): number | undefined {
  const markup = new RegExp(`${OPAQUE.source}|<!DOCTYPE`, "g");
  markup.lastIndex = from;
  for (let match = markup.exec(text); match !== null; match = markup.exec(text))
    if (match[0] === "<!DOCTYPE") return match.index;
  return undefined;
}
