import type { Diagnostics } from "../diagnostics/diagnostic.ts";
import { nearestWord } from "../text/nearest-word.ts";
import type { GtkDoc } from "./gtk-doc.ts";
import type { Docs, PossibleError, Text, TypeUse } from "./introspection.ts";
import { DOCUMENTATION, ELEMENTS, TELEPATHY } from "./vocabulary.ts";
import { attributeOf, childrenNamed, type XmlElement } from "./xml-element.ts";

const EMPTY_DOCS: Docs = { markup: [] };

/** Reads what all elements have: attributes, types, documentation. */
export class ElementReader {
  readonly #diagnostics: Diagnostics;

  constructor(diagnostics: Diagnostics) {
    this.#diagnostics = diagnostics;
  }

  /** Complains about attributes that introspection XML does not know; those of other namespaces pass. */
  checkAttributes(element: XmlElement): void {
    const known = ELEMENTS[element.name]?.attributes ?? [];
    for (const { namespace, name, span } of element.attributes) {
      if (namespace !== "" || known.includes(name)) continue;
      const near = nearestWord(name, known);
      this.#diagnostics.report(
        "unknown-attribute",
        span,
        `"${name}" is not an attribute of <${element.name}> and is ignored`,
        {
          ...(near !== undefined && { hint: `did you mean "${near}"?` }),
        },
      );
    }
  }

  optional(element: XmlElement, name: string, namespace = ""): Text | undefined {
    const found = attributeOf(element, name, namespace);
    return found && { value: found.value, span: found.valueSpan };
  }

  required(
    element: XmlElement,
    name: string,
    hint?: string,
    code: "attribute-missing" | "annotation" = "attribute-missing",
  ): Text | undefined {
    const found = this.optional(element, name);
    if (found === undefined) {
      this.#diagnostics.report(code, element.span, `<${element.qualifiedName}> has no "${name}"`, {
        ...(hint !== undefined && { hint }),
      });
    }
    return found;
  }

  typeUse(element: XmlElement): TypeUse | undefined {
    const signature = this.required(element, "type", "type is one complete D-Bus type, such as s or a{sv}");
    const named = this.optional(element, "type", TELEPATHY);
    return signature && { signature, ...(named && { named }) };
  }

  /** @param comment - What a comment says of the element. */
  docs(element: XmlElement, comment?: Pick<GtkDoc, "text" | "since">): Docs {
    const markup = element.children.filter(
      (child): child is XmlElement => child.kind === "element" && isDocumentation(child),
    );
    const added = versionOf(element, "added") ?? comment?.since;
    const deprecated = versionOf(element, "deprecated");
    if (markup.length === 0 && comment === undefined && added === undefined && deprecated === undefined)
      return EMPTY_DOCS;
    return {
      markup,
      ...(comment && { text: comment.text }),
      ...(added !== undefined && { added }),
      ...(deprecated !== undefined && { deprecated }),
    };
  }

  /** A `tp:error`, which gives only its name to what raises it. */
  error(element: XmlElement): readonly PossibleError[] {
    const name = this.required(element, "name");
    return name === undefined ? [] : [{ name, docs: this.docs(element), span: element.span }];
  }
}

function isDocumentation({ namespace, name }: XmlElement): boolean {
  if (namespace === TELEPATHY) return name === "docstring" || name === "rationale";
  return (namespace === DOCUMENTATION && name === "doc") || namespace.includes("canonical.com/dbus/dox");
}

function versionOf(element: XmlElement, name: "added" | "deprecated"): string | undefined {
  const found = childrenNamed(element, TELEPATHY, name)[0];
  return found && (attributeOf(found, "version")?.value ?? "");
}
