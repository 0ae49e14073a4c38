import type { Diagnostics } from "../diagnostics/diagnostic.ts";
import type { SourceText } from "../diagnostics/source.ts";

/** Unexpanded texts of the internal general entities of a document, by name. */
export type Entities = ReadonlyMap<string, string>;

/** A document without its document type declaration. */
export interface PlainDocument {
  /** The text, with spaces in place of the declaration. */
  readonly text: string;
  /** Entities that the declaration defines. */
  readonly entities: Entities;
  /**
   * Whether the declaration names an external document type, which may define further entities. The external document
   * type is never read.
   */
  readonly hasExternalType: boolean;
}

/** Largest number of characters of an entity. */
const MAX_ENTITY_LENGTH = 4096;
/** Largest number of entities that a document may declare. */
const MAX_ENTITIES = 64;

const DOCTYPE =
  /<!DOCTYPE\s+[^\s[>]+(?<external>\s+(?:SYSTEM\s+(?:"[^"]*"|'[^']*')|PUBLIC\s+(?:"[^"]*"|'[^']*')(?:\s+(?:"[^"]*"|'[^']*'))?))?\s*(?<subset>\[)?/y;
const DECLARATION =
  /\s+|<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!ENTITY\s+(?<parameter>%\s+)?(?<name>[\w:.-]+)\s+(?:(?<external>SYSTEM|PUBLIC)\b[^>]*|"(?<double>[^"]*)"|'(?<single>[^']*)')\s*>|<!(?:ELEMENT|ATTLIST|NOTATION)\b[^>]*>|%[\w:.-]+;/y;
/** Comments, CDATA sections and processing instructions, closed or not. Their content is not markup. */
export const OPAQUE = /<!--(?:[\s\S]*?-->|[\s\S]*)|<!\[CDATA\[(?:[\s\S]*?\]\]>|[\s\S]*)|<\?(?:[\s\S]*?\?>|[\s\S]*)/;
const PROLOG = /(?:\s+|<!--[\s\S]*?-->|<\?[\s\S]*?\?>)*/y;

/**
 * Reads the document type declaration. Its name and external identifier are ignored and never downloaded, small internal
 * entities are collected, and every other declaration is rejected. Offsets in the text do not change. Returns undefined
 * after an error.
 */
export function readDoctype(source: SourceText, diagnostics: Diagnostics): PlainDocument | undefined {
  const { text } = source;
  PROLOG.lastIndex = 0;
  PROLOG.exec(text);
  const start = PROLOG.lastIndex;
  const late = lateDoctype(text, start + 1);
  if (late !== undefined)
    return reject(late, late + 9, "the document type declaration must be before the root element");
  if (!text.startsWith("<!DOCTYPE", start)) return { text, entities: new Map(), hasExternalType: false };
  DOCTYPE.lastIndex = start;
  const head = DOCTYPE.exec(text);
  if (head === null) return reject(start, start + 9, "the document type declaration is not well-formed");
  let end = DOCTYPE.lastIndex;
  const entities = new Map<string, string>();
  if (head.groups?.["subset"] !== undefined) {
    const after = readSubset(end);
    if (after === undefined) return undefined;
    end = after;
  }
  if (text[end] !== ">") return reject(start, start + 9, "the document type declaration is not closed");
  const blank = text.slice(start, end + 1).replace(/[^\n]/g, " ");
  const hasExternalType = head.groups?.["external"] !== undefined;
  return { text: text.slice(0, start) + blank + text.slice(end + 1), entities, hasExternalType };

  function readSubset(from: number): number | undefined {
    let at = from;
    while (text[at] !== "]") {
      DECLARATION.lastIndex = at;
      const declaration = DECLARATION.exec(text);
      if (declaration === null) return reject(at, at + 1, "this is not an entity declaration");
      const problem = declare(declaration);
      if (problem !== undefined) return reject(at, DECLARATION.lastIndex, problem);
      at = DECLARATION.lastIndex;
    }
    const close = /\]\s*/y;
    close.lastIndex = at;
    close.exec(text);
    return close.lastIndex;
  }

  function declare({ 0: whole, groups = {} }: RegExpExecArray): string | undefined {
    if (whole.startsWith("%") || groups["parameter"] !== undefined) return "parameter entities are not allowed";
    if (groups["external"] !== undefined)
      return "external entities are not allowed: a document type must not include other files";
    if (groups["name"] === undefined) return undefined;
    const value = groups["double"] ?? groups["single"] ?? "";
    if (value.length > MAX_ENTITY_LENGTH) return `the entity is longer than ${MAX_ENTITY_LENGTH} characters`;
    if (/&(?!#|(?:lt|gt|amp|quot|apos);)/.test(value) || value.includes("<"))
      return "an entity must not contain markup or other entities";
    if (entities.size >= MAX_ENTITIES) return `more than ${MAX_ENTITIES} entities are not allowed`;
    if (!entities.has(groups["name"])) entities.set(groups["name"], value);
    return undefined;
  }

  function reject(from: number, to: number, message: string): undefined {
    diagnostics.report("xml-dtd", { source, start: from, end: to }, message, {
      hint: "a spec needs no document type; use the standard one or remove it",
    });
    return undefined;
  }
}

/**
 * Returns the offset of a document type declaration after `from`, where it is not allowed; undefined if the text
 * contains no such declaration.
 */
function lateDoctype(text: string, from: number): number | undefined {
  const markup = new RegExp(`${OPAQUE.source}|<!DOCTYPE`, "g");
  markup.lastIndex = from;
  for (let match = markup.exec(text); match !== null; match = markup.exec(text))
    if (match[0] === "<!DOCTYPE") return match.index;
  return undefined;
}
