import type { Span } from "../diagnostics/source.ts";

/**
 * The namespace of an element with an undeclared prefix is this text and the prefix. No known element has such a
 * namespace.
 */
export const UNDECLARED_PREFIX = "undeclared prefix ";

/** An XML element with resolved namespace and position. */
export interface XmlElement {
  readonly kind: "element";
  /** Name without prefix. */
  readonly name: string;
  /** Name with prefix, as in the document. */
  readonly qualifiedName: string;
  /** Namespace URI, or empty. */
  readonly namespace: string;
  readonly attributes: readonly XmlAttribute[];
  readonly children: readonly XmlNode[];
  /** Position of the start tag. */
  readonly span: Span;
}

/** An attribute of an XML element, with its positions. */
export interface XmlAttribute {
  readonly name: string;
  readonly qualifiedName: string;
  /** Namespace URI, or empty for an attribute without a prefix. */
  readonly namespace: string;
  readonly value: string;
  /** Position of the whole attribute. */
  readonly span: Span;
  /** Position of the value without quotes. */
  readonly valueSpan: Span;
}

/** A child of an element: an element, a text or a comment. */
export type XmlNode =
  | XmlElement
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "comment"; readonly text: string };

/** Returns the child elements with a namespace and name. */
export function childrenNamed(parent: XmlElement, namespace: string, name: string): readonly XmlElement[] {
  return parent.children.filter(
    (child): child is XmlElement => child.kind === "element" && child.namespace === namespace && child.name === name,
  );
}

/** Returns the attribute with a name, without namespace by default. */
export function attributeOf(element: XmlElement, name: string, namespace = ""): XmlAttribute | undefined {
  return element.attributes.find((attribute) => attribute.name === name && attribute.namespace === namespace);
}
