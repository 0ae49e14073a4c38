import { MAX_INTROSPECTION_BYTES, MAX_XML_DEPTH } from "../quotas.ts";
import type { Steps } from "../wire/codec.ts";
import { quoted } from "../wire/errors.ts";
import { InvalidIntrospectionError } from "./invalid-introspection.ts";

// This parser supports only what introspection documents need, because the runtime has no dependencies. A service
// chooses the document, so size, depth and number of elements are limited, and parsing takes linear time.

/** An element with its attributes. Texts between elements are left out. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
}

/** Maximum number of elements in a document. The largest known document, of systemd, has 2,600. */
const MAX_ELEMENTS = 2 ** 16;
/** Maximum number of character references in a document. Replacing a reference takes as long as reading an element. */
const MAX_REFERENCES = 2 ** 12;
/** Maximum number of attributes of an element. */
const MAX_ATTRIBUTES = 256;
/** Number of elements, comments and other tags that are read in one step. */
const TAGS_PER_STEP = 256;

const NAME = /[^\s/<>="'&!?]+/y;
const ATTRIBUTE = /\s+([^\s/<>="'&]+)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y;
const START_TAG_END = /\s*(\/?)>/y;
const ENTITIES: Readonly<Record<string, string | undefined>> = {
  "lt;": "<",
  "gt;": ">",
  "amp;": "&",
  "quot;": '"',
  "apos;": "'",
};

/**
 * Parses a document in steps of about a millisecond, and returns its root element.
 *
 * @throws InvalidIntrospectionError if the document is not well-formed, declares entities, or exceeds a limit.
 */
export function parseXml(text: string): Steps<XmlElement> {
  // A text of a message has at least as many bytes as UTF-16 code units.
  if (Buffer.byteLength(text) > MAX_INTROSPECTION_BYTES)
    throw new InvalidIntrospectionError(`the document has more than ${MAX_INTROSPECTION_BYTES} bytes`);
  return new XmlParser(text).document();
}

/** An element whose children are being read. */
interface OpenElement extends XmlElement {
  readonly children: XmlElement[];
}

class XmlParser {
  readonly #text: string;
  readonly #open: OpenElement[] = [];
  #offset = 0;
  #elements = 0;
  #references = 0;
  #root: XmlElement | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  *document(): Steps<XmlElement> {
    const text = this.#text;
    let tags = 0;
    for (let start = text.indexOf("<"); start !== -1; start = text.indexOf("<", this.#offset)) {
      if (++tags % TAGS_PER_STEP === 0) yield;
      this.#offset = start;
      if (text.startsWith("<!--", start)) this.#skipTo("-->", 4);
      else if (text.startsWith("<?", start)) this.#skipTo("?>", 2);
      else if (text.startsWith("<![CDATA[", start)) this.#skipTo("]]>", 9);
      else if (text.startsWith("<!", start)) this.#documentType();
      else if (text.startsWith("</", start)) this.#endTag();
      else this.#startTag();
    }
    const [unclosed] = this.#open;
    if (unclosed !== undefined) throw this.#error(`the element ${quoted(unclosed.name)} has no end`);
    if (this.#root === undefined) throw this.#error("there is no element");
    return this.#root;
  }

  #skipTo(end: string, length: number): void {
    const index = this.#text.indexOf(end, this.#offset + length);
    if (index === -1) throw this.#error(`"${end}" is missing`);
    this.#offset = index + end.length;
  }

  /** Skips a document type. Throws if it has declarations, which could define entities. */
  #documentType(): void {
    const end = this.#text.indexOf(">", this.#offset);
    const declaration = this.#text.slice(this.#offset, end);
    const isValid = end !== -1 && this.#root === undefined && this.#open.length === 0;
    if (!isValid || !declaration.startsWith("<!DOCTYPE") || declaration.includes("["))
      throw this.#error("only a document type without declarations is allowed here");
    this.#offset = end + 1;
  }

  #endTag(): void {
    this.#offset += 2;
    const name = this.#name();
    const element = this.#open.pop();
    if (element?.name !== name) throw this.#error(`the end tag of ${quoted(name)} does not match`);
    if (this.#match(START_TAG_END)?.[1] !== "") throw this.#error(`the end tag of ${quoted(name)} is not closed`);
  }

  #startTag(): void {
    this.#offset++;
    const name = this.#name();
    const attributes = new Map<string, string>();
    for (let match = this.#match(ATTRIBUTE); match !== undefined; match = this.#match(ATTRIBUTE)) {
      const [, attribute = "", doubleQuoted, singleQuoted = ""] = match;
      if (attributes.has(attribute)) throw this.#error(`the attribute ${quoted(attribute)} is repeated`);
      if (attributes.size >= MAX_ATTRIBUTES) throw this.#error(`a tag has more than ${MAX_ATTRIBUTES} attributes`);
      attributes.set(attribute, this.#resolved(doubleQuoted ?? singleQuoted));
    }
    const end = this.#match(START_TAG_END);
    if (end === undefined) throw this.#error(`the tag of ${quoted(name)} is not valid`);
    this.#add({ name, attributes, children: [] }, end[1] === "/");
  }

  #add(element: OpenElement, isEmpty: boolean): void {
    if (++this.#elements > MAX_ELEMENTS) throw this.#error(`there are more than ${MAX_ELEMENTS} elements`);
    const parent = this.#open.at(-1);
    if (parent !== undefined) parent.children.push(element);
    else if (this.#root === undefined) this.#root = element;
    else throw this.#error("there is more than one root element");
    if (this.#open.length >= MAX_XML_DEPTH)
      throw this.#error(`elements are nested more than ${MAX_XML_DEPTH} levels deep`);
    if (!isEmpty) this.#open.push(element);
  }

  #name(): string {
    const name = this.#match(NAME)?.[0];
    if (name === undefined) throw this.#error("a tag has no name");
    return name;
  }

  /**
   * Matches a pattern at the current offset, and moves the offset behind the match. Returns undefined if the pattern
   * does not match.
   */
  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#offset;
    const match = pattern.exec(this.#text);
    if (match !== null) this.#offset = pattern.lastIndex;
    return match ?? undefined;
  }

  /** Returns a text in which character references are replaced by their characters. */
  #resolved(text: string): string {
    const [first = "", ...parts] = text.split("&", MAX_REFERENCES + 2);
    this.#references += parts.length;
    if (this.#references > MAX_REFERENCES) throw this.#error(`there are more than ${MAX_REFERENCES} references`);
    const resolved = parts.map((part) => {
      const reference = part.slice(0, part.indexOf(";") + 1);
      const character = ENTITIES[reference] ?? characterOf(reference);
      if (character === undefined) throw this.#error("a reference is not valid");
      return character + part.slice(reference.length);
    });
    return first + resolved.join("");
  }

  #error(problem: string): InvalidIntrospectionError {
    return new InvalidIntrospectionError(`the introspection document is not valid: offset ${this.#offset}: ${problem}`);
  }
}

/** Returns the character of a numeric reference such as `#x41;`; undefined if the reference is not valid. */
function characterOf(reference: string): string | undefined {
  const [, hexadecimal, decimal] = /^#(?:x([0-9A-Fa-f]{1,8})|([0-9]{1,8}));$/.exec(reference) ?? [];
  const code = hexadecimal === undefined ? Number.parseInt(decimal ?? "", 10) : Number.parseInt(hexadecimal, 16);
  const isCharacter = code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
  return isCharacter ? String.fromCodePoint(code) : undefined;
}
