import { MAX_XML_DEPTH } from "@dbus-codegen-ts/runtime/grammar";
import { type ValidationError, XMLParser, XMLValidator } from "fast-xml-parser";
import type { Diagnostics } from "../diagnostics/diagnostic.ts";
import type { SourceText } from "../diagnostics/source.ts";
import { shorten } from "../text/shorten.ts";
import { OPAQUE } from "./doctype.ts";

/**
 * A node as fast-xml-parser returns it with the option `preserveOrder`: an object whose only key is the name of the
 * node. The value is the list of children, or a text.
 */
export interface RawNode {
  readonly [name: string]: readonly RawNode[] | string;
}

interface IndexRange {
  readonly startIndex: number;
  readonly endIndex: number;
}

const RANGE = XMLParser.getMetaDataSymbol() as symbol;

/** Returns the offsets of an element in the text, or undefined for text, comments and CDATA. */
export function rangeOf(node: RawNode): IndexRange | undefined {
  return (node as Readonly<Record<symbol, IndexRange | undefined>>)[RANGE];
}

/** Returns the name of an element, or the kind of another node, such as `#text`. */
export function nameOf(node: RawNode): string {
  for (const name in node) if (name !== ":@") return name;
  return "";
}

/** Parses a text without document type. Reports text that is not well-formed and returns undefined. */
export function parseNodes(source: SourceText, text: string, diagnostics: Diagnostics): readonly RawNode[] | undefined {
  const result = XMLValidator.validate(text, { allowBooleanAttributes: false });
  if (result !== true) {
    reportInvalid(source, result.err, diagnostics);
    return undefined;
  }
  try {
    return PARSER.parse(text);
  } catch (error) {
    reportParseFailure(source, text, error, diagnostics);
    return undefined;
  }
}

const PARSER = new XMLParser({
  preserveOrder: true,
  captureMetaData: true,
  ignoreAttributes: true,
  parseTagValue: false,
  trimValues: false,
  processEntities: false,
  commentPropName: "#comment",
  cdataPropName: "#cdata",
  maxNestedTags: MAX_XML_DEPTH - 1,
});

function reportInvalid(source: SourceText, { msg, line, col }: ValidationError["err"], diagnostics: Diagnostics): void {
  const names = unclosedElements(msg);
  if (names !== undefined) {
    const end = source.text.trimEnd().length;
    const message = `the document ends before the end of ${names.map((name) => `<${name}>`).join(", ")}`;
    const endTags = names.toReversed().map((name) => `</${name}>`);
    diagnostics.report("xml-syntax", { source, start: end, end: end + 1 }, message, {
      hint: `add ${shorten(endTags.join(""))} at the end`,
    });
    return;
  }
  // The validator has no column for an empty document.
  const start = source.offset(line ?? 1, (col as number | undefined) ?? 1);
  diagnostics.report("xml-syntax", { source, start, end: start + 1 }, lowerFirst(msg.replace(/\.$/, "")));
}

/**
 * Returns the names of the elements without an end tag, from a message of the validator; undefined for any other
 * message.
 */
function unclosedElements(message: string): readonly string[] | undefined {
  const only = /^Unclosed tag '([\s\S]*)'\.$/.exec(message)?.[1];
  if (only !== undefined) return [only];
  const several = /^Invalid '(\[[\s\S]*\])' found\.$/.exec(message)?.[1];
  return several === undefined ? undefined : (JSON.parse(several) as readonly string[]);
}

function reportParseFailure(source: SourceText, text: string, error: unknown, diagnostics: Diagnostics): void {
  const message = error instanceof Error ? error.message : String(error);
  if (!message.includes("nested tags")) {
    diagnostics.report("xml-syntax", { source, start: 0, end: 1 }, lowerFirst(message.replace(/^\[SECURITY\] /, "")));
    return;
  }
  const start = offsetOfDepth(text, MAX_XML_DEPTH + 1);
  diagnostics.report(
    "xml-depth",
    { source, start, end: start + 1 },
    `elements are nested more than ${MAX_XML_DEPTH} levels deep`,
  );
}

/** Returns the offset of the first start tag at a nesting depth. */
function offsetOfDepth(text: string, depth: number): number {
  let open = 0;
  for (const tag of text.matchAll(new RegExp(`${OPAQUE.source}|<(\\/?)[^>]*?(\\/?)>`, "g"))) {
    if (tag[1] === undefined) continue;
    open += tag[1] === "/" ? -1 : 1;
    if (open >= depth) return tag.index;
    if (tag[2] === "/") open--;
  }
  return 0;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
