import type { Diagnostics } from "../diagnostics/diagnostic.ts";
import type { Span } from "../diagnostics/source.ts";
import { nearestWord } from "../text/nearest-word.ts";
import { shorten } from "../text/shorten.ts";
import { isDocumentation } from "./element-reader.ts";
import { NAMESPACES_BY_PREFIX, TELEPATHY, TELEPATHY_ELEMENTS } from "./vocabulary.ts";
import { UNDECLARED_PREFIX, type XmlElement } from "./xml-element.ts";

/**
 * Reports elements of a document that the Telepathy namespace does not define, and the first use of each undeclared
 * prefix. Documentation may contain any elements.
 */
export function checkNamespaces(root: XmlElement, diagnostics: Diagnostics): void {
  const reported = new Set<string>();
  const checkPrefix = (namespace: string, span: Span): void => {
    if (!namespace.startsWith(UNDECLARED_PREFIX) || reported.has(namespace)) return;
    reported.add(namespace);
    reportPrefix(namespace.slice(UNDECLARED_PREFIX.length), span, diagnostics);
  };
  const visit = (element: XmlElement): void => {
    checkPrefix(element.namespace, element.span);
    for (const { namespace, span } of element.attributes) checkPrefix(namespace, span);
    if (element.namespace === TELEPATHY && !TELEPATHY_ELEMENTS.includes(element.name))
      reportUnknown(element, diagnostics);
    if (isDocumentation(element)) return;
    for (const child of element.children) if (child.kind === "element") visit(child);
  };
  visit(root);
}

function reportPrefix(prefix: string, span: Span, diagnostics: Diagnostics): void {
  const namespace = NAMESPACES_BY_PREFIX.get(prefix);
  const message = `the prefix "${shorten(prefix)}" is not declared; elements and attributes with it are ignored`;
  diagnostics.report("xml-prefix", span, message, {
    ...(namespace !== undefined && { hint: `add xmlns:${prefix}="${namespace}" to the root element` }),
  });
}

function reportUnknown({ name, qualifiedName, span }: XmlElement, diagnostics: Diagnostics): void {
  const near = nearestWord(name, TELEPATHY_ELEMENTS);
  const message = `<${shorten(qualifiedName)}> is not an element of the Telepathy namespace; it is ignored`;
  diagnostics.report("unknown-element", span, message, {
    ...(near !== undefined && { hint: `did you mean "${near}"?` }),
  });
}
