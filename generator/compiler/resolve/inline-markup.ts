import type { XmlElement, XmlNode } from "../read/xml-element.ts";
import type { Inline } from "./doc.ts";

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
  "application",
  "classname",
  "command",
  "constant",
  "envar",
  "filename",
  "function",
  "option",
  "parameter",
  "property",
  "replaceable",
  "structfield",
  "structname",
  "systemitem",
  "userinput",
  "varname",
]);
/** Elements whose text is emphasized. */
const EMPHASIS = new Set(["em", "strong", "i", "b", "emphasis", "firstterm"]);

/** Converts a node inside a paragraph. */
export function inlinesOf(node: XmlNode): readonly Inline[] {
  if (node.kind === "comment") return [];
  if (node.kind === "text") return [{ kind: "text", text: collapseSpace(node.text) }];
  if (CODE.has(node.name)) return [{ kind: "code", text: codeText(node) }];
  if (EMPHASIS.has(node.name)) return [{ kind: "emphasis", text: collapseSpace(textOf(node.children)).trim() }];
  const inlines = node.children.flatMap(inlinesOf);
  const address = node.name === "ulink" ? node.attributes.find(({ name }) => name === "url")?.value : undefined;
  return address === undefined
    ? inlines
    : [...inlines, { kind: "text", text: inlines.length > 0 ? ` (${address})` : address }];
}

/** Words that gtk-doc marks as code: `%CONSTANT`, `#Type`, `@argument` and `function()`. */
const GTK_CODE = /[%#@]([A-Za-z_][\w.:-]*\w|[A-Za-z_])|\b[A-Za-z_][\w.:]{0,255}\(\)/g;

/** Converts a node inside a paragraph of a gtk-doc comment. */
export function gtkInlinesOf(node: XmlNode): readonly Inline[] {
  return inlinesOf(node).flatMap((inline) => (inline.kind === "text" ? markedWords(inline.text) : [inline]));
}

function markedWords(text: string): readonly Inline[] {
  const inlines: Inline[] = [];
  let end = 0;
  for (const match of text.matchAll(GTK_CODE)) {
    // An address such as name@example.org is no marked word.
    if (/\w/.test(text.charAt(match.index - 1))) continue;
    if (match.index > end) inlines.push({ kind: "text", text: text.slice(end, match.index) });
    inlines.push({ kind: "code", text: match[1] ?? match[0] });
    end = match.index + match[0].length;
  }
  return end < text.length ? [...inlines, { kind: "text", text: text.slice(end) }] : inlines;
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

/** Removes white space at both ends. */
export function trimInlines(inlines: readonly Inline[]): readonly Inline[] {
  const kept = inlines.filter(({ text }) => text !== "");
  const first = kept.findIndex(({ text }) => text.trim() !== "");
  if (first === -1) return [];
  const last = kept.findLastIndex(({ text }) => text.trim() !== "");
  return kept.slice(first, last + 1).map((inline, index, all) => {
    const text = index === 0 ? inline.text.trimStart() : inline.text;
    return { ...inline, text: index === all.length - 1 ? text.trimEnd() : text };
  });
}

/** Replaces each run of white space by one blank. */
export function collapseSpace(text: string): string {
  return text.replace(/\s+/g, " ");
}

/** Returns the text of nodes without markup. */
export function textOf(nodes: readonly XmlNode[]): string {
  return nodes
    .map((node) => (node.kind === "text" ? node.text : node.kind === "element" ? textOf(node.children) : ""))
    .join("");
}
