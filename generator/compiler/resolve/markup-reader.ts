import type { XmlElement, XmlNode } from "../read/xml-element.ts";
import type { Block, Definition, Inline } from "./doc.ts";
import { gtkInlinesOf, inlinesOf, textOf, trimInlines } from "./inline-markup.ts";

/** Reads a block element. Returns an empty list if the element is part of a paragraph. */
type ReadElement = (reader: MarkupReader, element: XmlElement) => readonly Block[];

/** A reader of documentation as blocks. In gtk-doc comments, empty lines divide paragraphs and `|[ … ]|` is code. */
export class MarkupReader {
  readonly #format: "elements" | "gtk-doc";

  constructor(format: "elements" | "gtk-doc") {
    this.#format = format;
  }

  /** Converts mixed content to blocks. Text and inline elements between block elements become paragraphs. */
  blocks(nodes: readonly XmlNode[]): readonly Block[] {
    const blocks: Block[] = [];
    let run: XmlNode[] = [];
    const add = (read: readonly Block[]): void => {
      blocks.push(...this.#paragraph(run), ...read);
      run = [];
    };
    for (const node of nodes) {
      if (node.kind === "text" && this.#format === "gtk-doc") {
        for (const part of gtkParts(node.text)) {
          if (part.kind === "text") run.push(part);
          else add(part.blocks);
        }
        continue;
      }
      const read = node.kind === "element" ? readerOf(node)?.(this, node) : undefined;
      if (read === undefined || read.length === 0) run.push(node);
      else add(read);
    }
    add([]);
    return blocks;
  }

  /** Converts the content of a paragraph, a term or a cell. */
  inlines(nodes: readonly XmlNode[]): readonly Inline[] {
    return trimInlines(nodes.flatMap(this.#format === "gtk-doc" ? gtkInlinesOf : inlinesOf));
  }

  #paragraph(nodes: readonly XmlNode[]): readonly Block[] {
    const text = this.inlines(nodes);
    return text.length === 0 ? [] : [{ kind: "paragraph", text }];
  }
}

const nested: ReadElement = (reader, element) => reader.blocks(element.children);
const paragraph: ReadElement = (reader, element) => {
  const text = reader.inlines(element.children);
  return text.length === 0 ? [] : [{ kind: "paragraph", text }];
};
const code: ReadElement = (_, element) => [{ kind: "code", text: dedent(textOf(element.children)) }];
const table: ReadElement = (reader, element) => {
  const rows = descendants(element, ["tr", "row"]).map((row) => {
    return elementsOf(row, ["th", "td", "entry"]).map((cell) => reader.inlines(cell.children));
  });
  const [head = [], ...body] = rows;
  return rows.length === 0 ? [] : [{ kind: "table", head, rows: body }];
};

/** Readers of block elements by element name: HTML, DocBook, and the elements of freedesktop.org. */
const BLOCKS: Readonly<Record<string, ReadElement>> = {
  p: paragraph,
  h1: paragraph,
  h2: paragraph,
  h3: paragraph,
  h4: paragraph,
  summary: paragraph,
  title: paragraph,
  para: nested,
  simpara: nested,
  formalpara: nested,
  description: nested,
  div: nested,
  blockquote: nested,
  example: nested,
  informalexample: nested,
  note: nested,
  inote: nested,
  tip: nested,
  important: nested,
  caution: nested,
  warning: nested,
  refsect1: nested,
  refsect2: nested,
  section: nested,
  ul: (reader, element) => [list(reader, element, false, "li")],
  ol: (reader, element) => [list(reader, element, true, "li")],
  itemizedlist: (reader, element) => [list(reader, element, false, "listitem")],
  orderedlist: (reader, element) => [list(reader, element, true, "listitem")],
  simplelist: (reader, element) => [list(reader, element, false, "member")],
  list: (reader, element) => [documentationList(reader, element)],
  dl: (reader, element) => [definitions(reader, element.children)],
  variablelist: (reader, element) => [
    valueTable(
      definitions(
        reader,
        elementsOf(element, ["varlistentry"]).flatMap(({ children }) => children),
      ),
    ),
  ],
  pre: code,
  programlisting: code,
  screen: code,
  literallayout: code,
  code: (reader, element) => (textOf(element.children).includes("\n") ? code(reader, element) : []),
  table,
  informaltable: table,
  rationale: (reader, element) => [{ kind: "rationale", blocks: reader.blocks(element.children) }],
};

function readerOf({ name }: XmlElement): ReadElement | undefined {
  return Object.hasOwn(BLOCKS, name) ? BLOCKS[name] : undefined;
}

function list(reader: MarkupReader, element: XmlElement, ordered: boolean, itemName: string): Block {
  return { kind: "list", ordered, items: elementsOf(element, [itemName]).map((item) => reader.blocks(item.children)) };
}

/** Reads a `doc:list`, whose items are texts, or terms with definitions. */
function documentationList(reader: MarkupReader, element: XmlElement): Block {
  const items = elementsOf(element, ["item"]);
  if (!items.some((item) => elementsOf(item, ["term"]).length > 0)) return list(reader, element, false, "item");
  return valueTable(
    definitions(
      reader,
      items.flatMap(({ children }) => children),
    ),
  );
}

const TERMS = ["dt", "term"];
const DEFINITIONS = ["dd", "definition", "listitem"];

/** Reads terms, each followed by its definitions. */
function definitions(reader: MarkupReader, nodes: readonly XmlNode[]): Block & { readonly kind: "definitions" } {
  const items: (Definition & { readonly blocks: Block[] })[] = [];
  for (const child of nodes) {
    if (child.kind !== "element") continue;
    if (TERMS.includes(child.name)) items.push({ term: reader.inlines(child.children), blocks: [] });
    else if (DEFINITIONS.includes(child.name)) {
      // Without a term, definitions belong to an empty one.
      if (items.length === 0) items.push({ term: [], blocks: [] });
      for (const block of reader.blocks(child.children)) items.at(-1)?.blocks.push(block);
    }
  }
  return { kind: "definitions", items };
}

/** A value, or a value and its name: `1`, `1 (On)`, `ON = 1`. */
const VALUE = /^[\w.-]+(?: \([\w.-]+\)| ?[=:] ?[\w.-]+)?$/;

/** Returns a table if each term is a value and is defined in one paragraph; otherwise the definitions. */
function valueTable(block: Block & { readonly kind: "definitions" }): Block {
  const rows = block.items.flatMap(({ term, blocks: [only, ...more] }) => {
    const isValue = VALUE.test(term.map(({ text }) => text).join(""));
    return isValue && only?.kind === "paragraph" && more.length === 0 ? [[term, only.text]] : [];
  });
  const head: Inline[][] = [[{ kind: "text", text: "Value" }], [{ kind: "text", text: "Meaning" }]];
  return rows.length > 1 && rows.length === block.items.length ? { kind: "table", head, rows } : block;
}

/** A piece of text in a gtk-doc comment, or the blocks that end the paragraph before it. */
type GtkPart =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "end"; readonly blocks: readonly Block[] };

/** Divides the text of a gtk-doc comment at listings of code, empty lines and items of lists. */
function* gtkParts(text: string): Iterable<GtkPart> {
  let end = 0;
  for (let start = text.indexOf("|["); start !== -1; start = text.indexOf("|[", end)) {
    const close = text.indexOf("]|", start + 2);
    if (close === -1) break;
    yield* paragraphParts(text.slice(end, start));
    yield { kind: "end", blocks: [{ kind: "code", text: dedent(text.slice(start + 2, close)) }] };
    end = close + 2;
  }
  yield* paragraphParts(text.slice(end));
}

function* paragraphParts(text: string): Iterable<GtkPart> {
  for (const [index, part] of text.split(/\n[ \t]*\n/).entries()) {
    if (index > 0) yield { kind: "end", blocks: [] };
    const [before = "", ...items] = part.split(/(?:^|\n)[ \t]*[-*][ \t]+/);
    yield { kind: "text", text: before };
    if (items.length === 0) continue;
    const reader = new MarkupReader("gtk-doc");
    const blocks = items.map((item) => reader.blocks([{ kind: "text", text: item }]));
    yield { kind: "end", blocks: [{ kind: "list", ordered: false, items: blocks }] };
  }
}

/** Returns the child elements with one of the names. */
function elementsOf({ children }: XmlElement, names: readonly string[]): readonly XmlElement[] {
  return children.filter((child): child is XmlElement => child.kind === "element" && names.includes(child.name));
}

/** Returns the elements with one of the names at any depth, without those inside another such element. */
function descendants({ children }: XmlElement, names: readonly string[]): readonly XmlElement[] {
  return children.flatMap((child) => {
    if (child.kind !== "element") return [];
    return names.includes(child.name) ? [child] : descendants(child, names);
  });
}

function dedent(text: string): string {
  const lines = text
    .replace(/^\s*\n/, "")
    .trimEnd()
    .split("\n");
  let indent = Number.POSITIVE_INFINITY;
  for (const line of lines) if (line.trim() !== "") indent = Math.min(indent, line.search(/[^ ]/));
  return lines.map((line) => line.slice(indent)).join("\n");
}
