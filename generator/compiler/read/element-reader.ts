import type { Diagnostics } from "../diagnostics/diagnostic.ts";
import { nearestWord } from "../text/nearest-word.ts";
import { docBookOf, type GtkDoc } from "./gtk-doc.ts";
import type { Annotation, Docs, PossibleError, Text, TypeUse } from "./introspection.ts";
import { DOCUMENTATION, ELEMENTS, TELEPATHY } from "./vocabulary.ts";
import { attributeOf, childrenNamed, type XmlElement } from "./xml-element.ts";

const EMPTY_DOCS: Docs = { markup: [] };

/** Reads the parts that all elements have: attributes, types and documentation. */
export class ElementReader {
  readonly #diagnostics: Diagnostics;

  constructor(diagnostics: Diagnostics) {
    this.#diagnostics = diagnostics;
  }

  /** Reports attributes that introspection XML does not define. Attributes of other namespaces are allowed. */
  reportUnknownAttributes(element: XmlElement): void {
    const allowed = ELEMENTS[element.name]?.attributes ?? [];
    for (const { namespace, name, span } of element.attributes) {
      if (namespace !== "" || allowed.includes(name)) continue;
      const near = nearestWord(name, allowed);
      this.#diagnostics.report(
        "unknown-attribute",
        span,
        `"${name}" is not an attribute of <${element.name}>; it is ignored`,
        {
          ...(near !== undefined && { hint: `did you mean "${near}"?` }),
        },
      );
    }
  }

  /** Returns the value of an attribute, or undefined if it is absent. */
  optional(element: XmlElement, name: string, namespace = ""): Text | undefined {
    const attribute = attributeOf(element, name, namespace);
    return attribute && { value: attribute.value, span: attribute.valueSpan };
  }

  /** Returns the value of an attribute. Reports a missing attribute and returns undefined. */
  required(
    element: XmlElement,
    name: string,
    hint?: string,
    code: "attribute-missing" | "annotation" = "attribute-missing",
  ): Text | undefined {
    const value = this.optional(element, name);
    if (value === undefined) {
      this.#diagnostics.report(code, element.span, `<${element.qualifiedName}> has no "${name}"`, {
        ...(hint !== undefined && { hint }),
      });
    }
    return value;
  }

  /**
   * Returns the type of an element: its signature and the named type of its `tp:type`.
   *
   * @param defaultType - Signature of an element that has no signature. If absent, a missing signature is reported.
   */
  typeUse(element: XmlElement, defaultType?: Text): TypeUse | undefined {
    const hint = 'add one complete D-Bus type, such as type="s" or type="a{sv}"';
    const signature =
      (defaultType && (this.optional(element, "type") ?? defaultType)) ?? this.required(element, "type", hint);
    const named = this.optional(element, "type", TELEPATHY);
    return signature && { signature, ...(named && { named }) };
  }

  /**
   * Returns the documentation of an element.
   * @param comment - The documentation in the comment before the element.
   */
  docs(element: XmlElement, comment?: Omit<GtkDoc, "args">): Docs {
    const markup = element.children.filter(
      (child): child is XmlElement => child.kind === "element" && isDocumentation(child),
    );
    const added = versionOf(element, "added") ?? comment?.since;
    const deprecated = versionOf(element, "deprecated") ?? comment?.deprecated;
    if (markup.length === 0 && comment === undefined && added === undefined && deprecated === undefined)
      return EMPTY_DOCS;
    return {
      markup,
      ...(comment && { gtkDoc: docBookOf(comment.text) }),
      ...(added !== undefined && { added }),
      ...(deprecated !== undefined && { deprecated }),
    };
  }

  /** Returns the annotations of an element. An annotation without a name or value is reported and left out. */
  annotations(element: XmlElement): readonly Annotation[] {
    return childrenNamed(element, "", "annotation").flatMap((annotation) => {
      this.reportUnknownAttributes(annotation);
      const name = this.required(annotation, "name", undefined, "annotation");
      const value = this.required(annotation, "value", undefined, "annotation");
      if (name?.value === "")
        this.#diagnostics.report("annotation", name.span, "the name of an annotation must not be empty");
      return name === undefined || value === undefined || name.value === "" ? [] : [{ name, value }];
    });
  }

  /** Calls `visit` for each child element with the comment before it. Reports unknown elements. */
  eachChild(parent: XmlElement, visit: (child: XmlElement, comment: string | undefined) => void): void {
    const allowed = parent.namespace === "" ? (ELEMENTS[parent.name]?.children ?? []) : ["node"];
    let comment: string | undefined;
    for (const child of parent.children) {
      if (child.kind === "comment") comment = child.text;
      if (child.kind !== "element") continue;
      if (child.namespace === "" && !allowed.includes(child.name)) {
        const near = nearestWord(child.name, allowed);
        this.#diagnostics.report(
          "unknown-element",
          child.span,
          `<${child.name}> is not an element of <${parent.qualifiedName}>; it is ignored`,
          {
            ...(near !== undefined && { hint: `did you mean <${near}>?` }),
          },
        );
      } else visit(child, comment);
      comment = undefined;
    }
  }

  /** Returns the errors that a method may raise. */
  possibleErrors(method: XmlElement): readonly PossibleError[] {
    const listed = childrenNamed(method, TELEPATHY, "possible-errors").flatMap((list) =>
      childrenNamed(list, TELEPATHY, "error"),
    );
    return [...listed, ...childrenNamed(method, TELEPATHY, "error")].flatMap((error) => this.error(error));
  }

  /** Returns the error of a `tp:error` element. The list is empty if its name is missing. */
  error(element: XmlElement): readonly PossibleError[] {
    const name = this.required(element, "name");
    return name === undefined ? [] : [{ name, docs: this.docs(element), span: element.span }];
  }
}

/** Returns whether an element contains documentation. */
export function isDocumentation({ namespace, name }: XmlElement): boolean {
  if (namespace === TELEPATHY) return name === "docstring" || name === "rationale";
  return (namespace === DOCUMENTATION && name === "doc") || namespace.includes("canonical.com/dbus/dox");
}

function versionOf(element: XmlElement, name: "added" | "deprecated"): string | undefined {
  const [child] = childrenNamed(element, TELEPATHY, name);
  return child && (attributeOf(child, "version")?.value ?? "");
}
