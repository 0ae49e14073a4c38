import type { Span } from "../diagnostics/source.ts";

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
