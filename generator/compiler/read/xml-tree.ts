import type { Diagnostics } from "../diagnostics/diagnostic.ts";
import type { SourceText, Span } from "../diagnostics/source.ts";
import { readDoctype } from "./doctype.ts";
import { EntityDecoder } from "./entities.ts";
import { UNDECLARED_PREFIX, type XmlAttribute, type XmlElement, type XmlNode } from "./xml-element.ts";
import { nameOf, parseNodes, type RawNode, rangeOf } from "./xml-parser.ts";

/**
 * Namespaces by prefix. Nested elements refer to the namespaces of their parents, because copies would take quadratic
 * time.
 */
interface Namespaces {
  readonly declared: ReadonlyMap<string, string>;
  readonly inherited?: Namespaces;
}

const XML_NAMESPACES: Namespaces = {
  declared: new Map([
    ["", ""],
    ["xml", "http://www.w3.org/XML/1998/namespace"],
  ]),
};

/** Returns the namespace of a prefix. */
function namespaceOf(prefix: string, namespaces: Namespaces): string {
  for (let scope: Namespaces | undefined = namespaces; scope !== undefined; scope = scope.inherited) {
    const namespace = scope.declared.get(prefix);
    if (namespace !== undefined) return namespace;
  }
  return UNDECLARED_PREFIX + prefix;
}

/** Parses an XML document to elements with their positions. Reports text that is not well-formed and returns undefined. */
export function parseXml(source: SourceText, diagnostics: Diagnostics): XmlElement | undefined {
  const document = readDoctype(source, diagnostics);
  if (document === undefined) return undefined;
  const { text } = document;
  const nodes = parseNodes(source, text, diagnostics);
  if (nodes === undefined) return undefined;
  return new TreeReader(source, text, new EntityDecoder(source, document, diagnostics), diagnostics).document(nodes);
}

/** Converts the nodes of fast-xml-parser to elements: resolves namespaces and entities, and reads attributes with positions. */
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

  /** Returns the root element. Reports other elements and text outside of it and returns undefined. */
  document(nodes: readonly RawNode[]): XmlElement | undefined {
    const roots = nodes.filter((node) => rangeOf(node) !== undefined && !nameOf(node).startsWith("?"));
    const [root, second] = roots;
    if (root === undefined) return undefined;
    const end = rangeOf(root)?.endIndex ?? 0;
    const rest = /^(?:\s+|<!--[\s\S]*?-->|<\?[\s\S]*?\?>)*/.exec(this.#text.slice(end));
    const extra = (second && rangeOf(second)?.startIndex) ?? end + (rest?.[0].length ?? 0);
    if (extra < this.#text.length) {
      const message =
        second === undefined
          ? "text after the root element is not allowed"
          : "a document has only one root element; this is the second one";
      this.#diagnostics.report("xml-syntax", this.#span(extra, extra + 1), message);
      return undefined;
    }
    return this.#element(root, XML_NAMESPACES);
  }

  #element(node: RawNode, inherited: Namespaces): XmlElement {
    const qualifiedName = nameOf(node);
    const start = rangeOf(node)?.startIndex ?? 0;
    const { raw, end } = this.#startTag(start + 1 + qualifiedName.length);
    const namespaces = declaredNamespaces(raw, inherited);
    const [prefix, name] = splitName(qualifiedName);
    const children = node[qualifiedName];
    return {
      kind: "element",
      name,
      qualifiedName,
      namespace: namespaceOf(prefix, namespaces),
      attributes: raw
        .filter(({ prefix: of, qualifiedName: full }) => of !== "xmlns" && full !== "xmlns")
        .map((attribute) => toXmlAttribute(attribute, namespaces)),
      children: typeof children === "object" ? this.#children(children, namespaces, end) : [],
      span: this.#span(start, end),
    };
  }

  #children(nodes: readonly RawNode[], namespaces: Namespaces, from: number): readonly XmlNode[] {
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
        at = this.#offsetAfter("]]>", at);
      } else if (name === "#comment") {
        children.push({ kind: "comment", text: textOf(content) });
        at = this.#offsetAfter("-->", at);
      } else if (!name.startsWith("?")) {
        children.push(this.#element(node, namespaces));
      }
      at = rangeOf(node)?.endIndex ?? at;
    }
    return children;
  }

  #offsetAfter(end: string, from: number): number {
    return this.#text.indexOf(end, from) + end.length;
  }

  /** Reads the attributes of a start tag. `from` is the offset after the name of the element. */
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
        this.#diagnostics.report("xml-syntax", this.#span(at, at + 1), 'an attribute value must not contain "<"', {
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

function toXmlAttribute(raw: RawAttribute, namespaces: Namespaces): XmlAttribute {
  const { prefix, local, qualifiedName, value, span, valueSpan } = raw;
  const namespace = prefix === "" ? "" : namespaceOf(prefix, namespaces);
  return { name: local, qualifiedName, namespace, value, span, valueSpan };
}

function declaredNamespaces(attributes: readonly RawAttribute[], inherited: Namespaces): Namespaces {
  const declared = attributes.filter(({ prefix, qualifiedName }) => prefix === "xmlns" || qualifiedName === "xmlns");
  if (declared.length === 0) return inherited;
  const names = declared.map(({ prefix, local, value }) => [prefix === "xmlns" ? local : "", value] as const);
  return { declared: new Map(names), inherited };
}

function splitName(qualifiedName: string): readonly [prefix: string, local: string] {
  const colon = qualifiedName.indexOf(":");
  return colon === -1 ? ["", qualifiedName] : [qualifiedName.slice(0, colon), qualifiedName.slice(colon + 1)];
}

function textOf(content: readonly RawNode[] | string | undefined): string {
  if (content === undefined || typeof content === "string") return content ?? "";
  return content.map((node) => node["#text"] ?? "").join("");
}
