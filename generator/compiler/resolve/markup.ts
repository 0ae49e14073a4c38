import { DEPRECATED } from "@dbus-codegen-ts/runtime/grammar";
import type { Docs } from "../read/introspection.ts";
import type { Block, Doc } from "./doc.ts";
import { NO_DOC } from "./doc.ts";
import { collapseSpace } from "./inline-markup.ts";
import { MarkupReader } from "./markup-reader.ts";

const MARKUP = new MarkupReader("elements");
const GTK_DOC = new MarkupReader("gtk-doc");

/**
 * Converts the documentation of a declaration to blocks. Sources are `tp:`, `doc:` and `dox:` elements, gtk-doc comments
 * with DocBook, and annotations. Of unknown markup only the text is kept.
 */
export function readDoc(docs: Docs, annotations: ReadonlyMap<string, string> = new Map()): Doc {
  const since = docs.added ?? annotations.get("org.gtk.GDBus.Since") ?? undefined;
  const deprecated = docs.deprecated ?? (annotations.get(DEPRECATED) === "true" ? "" : undefined);
  const blocks = [
    ...docs.markup.flatMap((element) =>
      element.name === "rationale" ? MARKUP.blocks([element]) : MARKUP.blocks(element.children),
    ),
    ...GTK_DOC.blocks(docs.gtkDoc ?? []),
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
