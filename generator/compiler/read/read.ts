import { Diagnostics } from "../diagnostics/diagnostic.ts";
import type { Source } from "../diagnostics/source.ts";
import { decode } from "./decode.ts";
import { DocumentReader } from "./document-reader.ts";
import { includedPath, isInclude } from "./include.ts";
import type { Introspection } from "./introspection.ts";
import { DICTIONARY } from "./vocabulary.ts";
import { attributeOf, type XmlElement } from "./xml-element.ts";
import { parseXml } from "./xml-tree.ts";

/** Reads specs and returns their introspection models. A file that is not well-formed is reported and left out. */
export function read(sources: readonly Source[], diagnostics: Diagnostics): readonly Introspection[] {
  const paths = new Set(sources.map(({ path }) => path));
  return sources.flatMap((source) => {
    const root = readXml(source, diagnostics);
    return root === undefined ? [] : [new DocumentReader(source.path, paths, diagnostics).read(root, source.isOverlay)];
  });
}

/** Returns the paths of the files that a spec includes. Includes that are not allowed are reported and left out. */
export function includes(source: Source, diagnostics: Diagnostics): readonly string[] {
  const paths: string[] = [];
  const visit = (element: XmlElement): void => {
    const path = isInclude(element) ? includedPath(element, source.path, diagnostics) : undefined;
    if (path !== undefined) paths.push(path);
    for (const child of element.children) if (child.kind === "element") visit(child);
  };
  const root = readXml(source, diagnostics);
  if (root !== undefined) visit(root);
  return paths;
}

/** Returns whether a source is an overlay. */
export function isOverlay(source: Source): boolean {
  const root = readXml(source, new Diagnostics());
  return root !== undefined && attributeOf(root, "overlay", DICTIONARY) !== undefined;
}

function readXml(source: Source, diagnostics: Diagnostics): XmlElement | undefined {
  const text = decode(source, diagnostics);
  return text === undefined ? undefined : parseXml(text, diagnostics);
}
