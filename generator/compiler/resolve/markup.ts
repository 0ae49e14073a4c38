import { DEPRECATED } from "@dbus-codegen-ts/runtime/grammar";
import type { Docs } from "../read/introspection.ts";
import type { XmlElement, XmlNode } from "../read/xml-element.ts";
import type { Block, Definition, Doc, Inline } from "./doc.ts";
import { NO_DOC } from "./doc.ts";

/**
 * Converts the documentation of a declaration to blocks. Sources are `tp:`, `doc:` and `dox:` elements, gtk-doc comments
 * and annotations. Of unknown markup only the text is kept.
 */
export function readDoc(docs: Docs, annotations: ReadonlyMap<string, string> = new Map()): Doc {
  const since = docs.added ?? annotations.get("org.gtk.GDBus.Since") ?? undefined;
  const deprecated = docs.deprecated ?? (annotations.get(DEPRECATED) === "true" ? "" : undefined);
  const blocks = [
    ...docs.markup.flatMap((element) =>
      element.name === "rationale" ? [rationale(element)] : blocksOf(element.children),
    ),
    ...textBlocks(docs.text ?? ""),
    ...annotationBlocks(annotations),
  ];
  if (blocks.length === 0 && since === undefined && deprecated === undefined) return NO_DOC;
  return { blocks, ...(since && { since }), ...(deprecated !== undefined && { deprecated }) };
}

function annotationBlocks(annotations: ReadonlyMap<string, string>): readonly Block[] {
  const text = annotations.get("org.gtk.GDBus.DocString") ?? annotations.get("org.gtk.GDBus.DocString.Short");
  return text === undefined ? [] : textBlocks(text);
}

function textBlocks(text: string): readonly Block[] {
  return text
    .split(/\r?\n\s*\r?\n/)
    .map(collapseSpace)
    .filter((paragraph) => paragraph.trim() !== "")
    .map((paragraph) => ({ kind: "paragraph", text: [{ kind: "text", text: paragraph.trim() }] }));
}

type BlockReader = (element: XmlElement) => readonly Block[];

/** Readers of block elements by element name. */
const BLOCKS: Readonly<Record<string, BlockReader>> = {
  p: (element) => paragraph(element.children),
  para: (element) => blocksOf(element.children),
  summary: (element) => paragraph(element.children),
  description: (element) => blocksOf(element.children),
  div: (element) => blocksOf(element.children),
  blockquote: (element) => blocksOf(element.children),
  ul: (element) => [list(element, false, "li")],
  ol: (element) => [list(element, true, "li")],
  list: (element) => [list(element, false, "item")],
  dl: (element) => [definitions(element)],
  pre: (element) => [{ kind: "code", text: dedent(textOf(element.children)) }],
  example: (element) => blocksOf(element.children),
  code: (element) =>
    textOf(element.children).includes("\n") ? [{ kind: "code", text: dedent(textOf(element.children)) }] : [],
  rationale: (element) => [rationale(element)],
  h1: (element) => paragraph(element.children),
  h2: (element) => paragraph(element.children),
  h3: (element) => paragraph(element.children),
  h4: (element) => paragraph(element.children),
};

/** Converts mixed content to blocks. Text and inline elements between block elements become paragraphs. */
function blocksOf(nodes: readonly XmlNode[]): readonly Block[] {
  const blocks: Block[] = [];
  let run: XmlNode[] = [];
  const flush = (): void => {
    blocks.push(...paragraph(run));
    run = [];
  };
  for (const node of nodes) {
    const read = node.kind === "element" ? blockReader(node)?.(node) : undefined;
    if (read === undefined || read.length === 0) run.push(node);
    else {
      flush();
      blocks.push(...read);
    }
  }
  flush();
  return blocks;
}

function blockReader(element: XmlElement): BlockReader | undefined {
  return Object.hasOwn(BLOCKS, element.name) ? BLOCKS[element.name] : undefined;
}

function paragraph(nodes: readonly XmlNode[]): readonly Block[] {
  const text = trimInlines(nodes.flatMap(inlines));
  return text.length === 0 ? [] : [{ kind: "paragraph", text }];
}

function list(element: XmlElement, ordered: boolean, itemName: string): Block {
  const items = element.children.filter(
    (child): child is XmlElement => child.kind === "element" && child.name === itemName,
  );
  return { kind: "list", ordered, items: items.map((item) => blocksOf(item.children)) };
}

function definitions(element: XmlElement): Block {
  const items: (Definition & { readonly blocks: Block[] })[] = [];
  for (const child of element.children) {
    if (child.kind !== "element") continue;
    if (child.name === "dt") items.push({ term: trimInlines(child.children.flatMap(inlines)), blocks: [] });
    else if (child.name === "dd") {
      // Without a term, definitions belong to an empty one.
      if (items.length === 0) items.push({ term: [], blocks: [] });
      for (const block of blocksOf(child.children)) items.at(-1)?.blocks.push(block);
    }
  }
  return { kind: "definitions", items };
}

function rationale(element: XmlElement): Block {
  return { kind: "rationale", blocks: blocksOf(element.children) };
}

/** Elements whose text is code. */
const CODE = new Set([
  "tt",
  "code",
  "type",
  "member-ref",
  "dbus-ref",
  "value-ref",
  "error-ref",
  "token-ref",
  "ref",
  "literal",
  "kbd",
  "var",
]);
/** Elements whose text is emphasized. */
const EMPHASIS = new Set(["em", "strong", "i", "b"]);

function inlines(node: XmlNode): readonly Inline[] {
  if (node.kind === "comment") return [];
  if (node.kind === "text") return [{ kind: "text", text: collapseSpace(node.text) }];
  if (CODE.has(node.name)) return [{ kind: "code", text: codeText(node) }];
  if (EMPHASIS.has(node.name)) return [{ kind: "emphasis", text: collapseSpace(textOf(node.children)).trim() }];
  return node.children.flatMap(inlines);
}

/** Returns the text of an inline code element. References to D-Bus names and enum values are written in full. */
function codeText(element: XmlElement): string {
  const text = collapseSpace(textOf(element.children)).trim();
  const namespace = element.attributes.find(({ name }) => name === "namespace")?.value;
  if (element.name === "dbus-ref" && namespace !== undefined)
    return `${namespace.replace(/^imt1\b/, "im.telepathy1")}.${text}`;
  const type = element.name === "value-ref" ? element.attributes.find(({ name }) => name === "type")?.value : undefined;
  return type === undefined ? text : `${type}_${text}`;
}

function trimInlines(inlines: readonly Inline[]): readonly Inline[] {
  const kept = inlines.filter(({ text }) => text !== "");
  const first = kept.findIndex(({ text }) => text.trim() !== "");
  if (first === -1) return [];
  const last = kept.findLastIndex(({ text }) => text.trim() !== "");
  return kept.slice(first, last + 1).map((inline, index, all) => {
    const text = index === 0 ? inline.text.trimStart() : inline.text;
    return { ...inline, text: index === all.length - 1 ? text.trimEnd() : text };
  });
}

function collapseSpace(text: string): string {
  return text.replace(/\s+/g, " ");
}

function textOf(nodes: readonly XmlNode[]): string {
  return nodes
    .map((node) => (node.kind === "text" ? node.text : node.kind === "element" ? textOf(node.children) : ""))
    .join("");
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
