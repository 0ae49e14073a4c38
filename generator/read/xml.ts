import { type ValidationError, XMLParser, XMLValidator } from "fast-xml-parser";
import type { Diagnostics } from "../diagnostics/diagnostic.ts";
import type { SourceText, Span } from "../diagnostics/source.ts";
import { OPAQUE, readDoctype } from "./doctype.ts";
import { EntityDecoder } from "./entities.ts";

/** An element with its namespace resolved and the place of its start tag. */
export interface XmlElement {
  readonly kind: "element";
  /** Name without prefix. */
  readonly name: string;
  /** Name as written. */
  readonly qualifiedName: string;
  /** Namespace, empty where there is none. */
  readonly namespace: string;
  readonly attributes: readonly XmlAttribute[];
  readonly children: readonly XmlNode[];
  /** The start tag. */
  readonly span: Span;
}

export interface XmlAttribute {
  readonly name: string;
  readonly qualifiedName: string;
  /** Namespace, empty for an attribute without a prefix. */
  readonly namespace: string;
  readonly value: string;
  /** The whole attribute. */
  readonly span: Span;
  /** The value between its quotes. */
  readonly valueSpan: Span;
}

export type XmlNode =
  | XmlElement
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "comment"; readonly text: string };

/** Child elements of a name. */
export function childrenNamed(parent: XmlElement, namespace: string, name: string): readonly XmlElement[] {
  return parent.children.filter(
    (child): child is XmlElement => child.kind === "element" && child.namespace === namespace && child.name === name,
  );
}

/** The attribute of a name, in no namespace unless one is given. */
export function attributeOf(element: XmlElement, name: string, namespace = ""): XmlAttribute | undefined {
  return element.attributes.find((one) => one.name === name && one.namespace === namespace);
}

/** Deepest nesting of elements; the deepest known spec has 14. */
const MAX_XML_DEPTH = 64;

const XML_NAMESPACES: ReadonlyMap<string, string> = new Map([
  ["", ""],
  ["xml", "http://www.w3.org/XML/1998/namespace"],
]);

/** Parses a document strictly and keeps every place; undefined after a complaint about its form. */
export function parseXml(source: SourceText, diagnostics: Diagnostics): XmlElement | undefined {
  const doctype = readDoctype(source, diagnostics);
  if (doctype === undefined) return undefined;
  const { text, entities } = doctype;
  const valid = XMLValidator.validate(text, { allowBooleanAttributes: false });
  if (valid !== true) {
    reportInvalid(source, valid.err, diagnostics);
    return undefined;
  }
  let nodes: readonly RawNode[];
  try {
    nodes = PARSER.parse(text);
  } catch (error) {
    reportParseFailure(source, text, error, diagnostics);
    return undefined;
  }
  const reader = new TreeReader(source, text, new EntityDecoder(source, entities, diagnostics), diagnostics);
  return reader.document(nodes);
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

/** What fast-xml-parser gives with `preserveOrder`: one name per node, its children or text behind it. */
interface RawNode {
  readonly [name: string]: readonly RawNode[] | string;
}

interface Place {
  readonly startIndex: number;
  readonly endIndex: number;
}

const PLACE = XMLParser.getMetaDataSymbol() as symbol;

/** Where an element stands; undefined for text, comments and CDATA. */
function placeOf(node: RawNode): Place | undefined {
  return (node as Readonly<Record<symbol, Place | undefined>>)[PLACE];
}

class TreeReader {
  readonly #source: SourceText;
  readonly #text: string;
  readonly #entities: EntityDecoder;
  readonly #diagnostics: Diagnostics;

  constructor(source: SourceText, text: string, entities: EntityDecoder, diagnostics: Diagnostics) {
    this.#source = source;
    this.#text = text;
    this.#entities = entities;
    this.#diagnostics = diagnostics;
  }

  /** The root element; anything beside it but comments, instructions and space is a complaint. */
  document(nodes: readonly RawNode[]): XmlElement | undefined {
    const roots = nodes.filter((node) => placeOf(node) !== undefined && !nameOf(node).startsWith("?"));
    const [root, second] = roots;
    if (root === undefined) return undefined;
    const end = placeOf(root)?.endIndex ?? 0;
    const rest = /^(?:\s+|<!--[\s\S]*?-->|<\?[\s\S]*?\?>)*/.exec(this.#text.slice(end));
    const extra = (second && placeOf(second)?.startIndex) ?? end + (rest?.[0].length ?? 0);
    if (extra < this.#text.length) {
      const message =
        second === undefined
          ? "text stands behind the root element"
          : "a document has one root element, this is the second";
      this.#diagnostics.report("xml-syntax", this.#span(extra, extra + 1), message);
      return undefined;
    }
    return this.#element(root, XML_NAMESPACES);
  }

  #element(node: RawNode, inherited: ReadonlyMap<string, string>): XmlElement {
    const qualifiedName = nameOf(node);
    const start = placeOf(node)?.startIndex ?? 0;
    const { raw, end } = this.#startTag(start + 1 + qualifiedName.length);
    const namespaces = declaredNamespaces(raw, inherited);
    const [prefix, name] = splitName(qualifiedName);
    const children = node[qualifiedName];
    return {
      kind: "element",
      name,
      qualifiedName,
      namespace: namespaces.get(prefix) ?? `unbound:${prefix}`,
      attributes: raw
        .filter(({ prefix: of, qualifiedName: full }) => of !== "xmlns" && full !== "xmlns")
        .map((one) => attribute(one, namespaces)),
      children: typeof children === "object" ? this.#children(children, namespaces, end) : [],
      span: this.#span(start, end),
    };
  }

  #children(nodes: readonly RawNode[], namespaces: ReadonlyMap<string, string>, from: number): readonly XmlNode[] {
    const children: XmlNode[] = [];
    let at = from;
    for (const node of nodes) {
      const name = nameOf(node);
      const content = node[name];
      if (name === "#text") {
        const raw = this.#text.slice(at, this.#text.indexOf("<", at));
        children.push({ kind: "text", text: this.#entities.decode(raw, at).replace(/\r\n?/g, "\n") });
        at += raw.length;
      } else if (name === "#cdata") {
        children.push({ kind: "text", text: textOf(content) });
        at = this.#behind("]]>", at);
      } else if (name === "#comment") {
        children.push({ kind: "comment", text: textOf(content) });
        at = this.#behind("-->", at);
      } else if (!name.startsWith("?")) {
        children.push(this.#element(node, namespaces));
      }
      at = placeOf(node)?.endIndex ?? at;
    }
    return children;
  }

  #behind(end: string, from: number): number {
    return this.#text.indexOf(end, from) + end.length;
  }

  /** Reads the attributes from behind an element's name to the end of its start tag. */
  #startTag(from: number): { raw: RawAttribute[]; end: number } {
    const raw: RawAttribute[] = [];
    ATTRIBUTE.lastIndex = from;
    let end = from;
    for (let match = ATTRIBUTE.exec(this.#text); match !== null; match = ATTRIBUTE.exec(this.#text)) {
      const { space = "", name = "", double, single } = match.groups ?? {};
      const start = match.index + space.length;
      end = ATTRIBUTE.lastIndex;
      const content = double ?? single ?? "";
      const valueStart = end - 1 - content.length;
      const [prefix, local] = splitName(name);
      if (content.includes("<")) {
        const at = valueStart + content.indexOf("<");
        this.#diagnostics.report("xml-syntax", this.#span(at, at + 1), 'an attribute value cannot contain "<"', {
          hint: 'write "&lt;"',
        });
      }
      const value = this.#entities.decode(content.replace(/[\t\n\r]/g, " "), valueStart);
      raw.push({
        prefix,
        local,
        qualifiedName: name,
        value,
        span: this.#span(start, end),
        valueSpan: this.#span(valueStart, end - 1),
      });
    }
    const close = this.#text.indexOf(">", end);
    return { raw, end: close === -1 ? end : close + 1 };
  }

  #span(start: number, end: number): Span {
    return { source: this.#source, start, end };
  }
}

interface RawAttribute {
  readonly prefix: string;
  readonly local: string;
  readonly qualifiedName: string;
  readonly value: string;
  readonly span: Span;
  readonly valueSpan: Span;
}

const ATTRIBUTE = /(?<space>\s+)(?<name>[^\s=/>"']+)\s*=\s*(?:"(?<double>[^"]*)"|'(?<single>[^']*)')/y;

function attribute(raw: RawAttribute, namespaces: ReadonlyMap<string, string>): XmlAttribute {
  const { prefix, local, qualifiedName, value, span, valueSpan } = raw;
  const namespace = prefix === "" ? "" : (namespaces.get(prefix) ?? `unbound:${prefix}`);
  return { name: local, qualifiedName, namespace, value, span, valueSpan };
}

function declaredNamespaces(
  attributes: readonly RawAttribute[],
  inherited: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const declared = attributes.filter(({ prefix, qualifiedName }) => prefix === "xmlns" || qualifiedName === "xmlns");
  if (declared.length === 0) return inherited;
  return new Map([
    ...inherited,
    ...declared.map(({ prefix, local, value }) => [prefix === "xmlns" ? local : "", value] as const),
  ]);
}

function splitName(qualifiedName: string): readonly [prefix: string, local: string] {
  const colon = qualifiedName.indexOf(":");
  return colon === -1 ? ["", qualifiedName] : [qualifiedName.slice(0, colon), qualifiedName.slice(colon + 1)];
}

function nameOf(node: RawNode): string {
  for (const name in node) if (name !== ":@") return name;
  return "";
}

function textOf(content: readonly RawNode[] | string | undefined): string {
  if (content === undefined || typeof content === "string") return content ?? "";
  return content.map((node) => node["#text"] ?? "").join("");
}

function reportInvalid(source: SourceText, { msg, line, col }: ValidationError["err"], diagnostics: Diagnostics): void {
  const open = /^Invalid '(\[[\s\S]*\])' found\.$/.exec(msg)?.[1];
  if (open !== undefined) {
    const names = (JSON.parse(open) as readonly string[]).map((name) => `<${name}>`).join(", ");
    const end = source.text.trimEnd().length;
    diagnostics.report(
      "xml-syntax",
      { source, start: end, end: end + 1 },
      `the document ends before ${names} is closed`,
    );
    return;
  }
  // The validator has no column for an empty document.
  const start = source.offset(line ?? 1, (col as number | undefined) ?? 1);
  diagnostics.report("xml-syntax", { source, start, end: start + 1 }, lowerFirst(msg.replace(/\.$/, "")));
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
    `elements are nested more than ${MAX_XML_DEPTH} deep`,
  );
}

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
