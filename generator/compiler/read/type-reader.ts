import type { Diagnostics } from "../diagnostics/diagnostic.ts";
import type { ElementReader } from "./element-reader.ts";
import type { DictionaryKey, EnumValue, Text, TypeDefinition, TypedMember } from "./introspection.ts";
import { DICTIONARY, TELEPATHY } from "./vocabulary.ts";
import { childrenNamed, type XmlElement } from "./xml-element.ts";

/** Reads definitions of named types, such as `tp:enum` or `dct:dictionary`. */
export class TypeReader {
  readonly #elements: ElementReader;
  readonly #diagnostics: Diagnostics;

  constructor(elements: ElementReader, diagnostics: Diagnostics) {
    this.#elements = elements;
    this.#diagnostics = diagnostics;
  }

  /** Returns the type that an element defines, or undefined if the element is not a valid type definition. */
  definition(element: XmlElement): TypeDefinition | undefined {
    const kind = KINDS[`${element.namespace} ${element.name}`];
    if (kind === undefined) {
      this.#reportUnknown(element);
      return undefined;
    }
    const name = this.#elements.required(element, "name");
    if (name === undefined) return undefined;
    const arrayName = this.#elements.optional(element, "array-name");
    const definition = {
      name,
      ...(arrayName?.value && { arrayName }),
      docs: this.#elements.docs(element),
      span: element.span,
    };
    switch (kind) {
      case "simple": {
        const type = this.#elements.typeUse(element);
        return type && { ...definition, kind, type };
      }
      case "enum":
      case "flags": {
        const signature: Text = this.#elements.optional(element, "type") ?? { value: "u", span: element.span };
        const values = childrenNamed(element, TELEPATHY, kind === "enum" ? "enumvalue" : "flag").flatMap((value) =>
          this.#value(value),
        );
        return { ...definition, kind, signature, values };
      }
      case "struct":
      case "mapping":
        return {
          ...definition,
          kind,
          members: childrenNamed(element, TELEPATHY, "member").flatMap((member) => this.member(member)),
        };
      case "dictionary":
        return {
          ...definition,
          kind,
          keys: childrenNamed(element, DICTIONARY, "key").flatMap((key) => this.#key(key)),
        };
    }
  }

  /** Returns the name and type of a `tp:member`, `tp:contact-attribute` or `dct:key`. The list is empty if either is missing. */
  member(element: XmlElement): readonly TypedMember[] {
    const name = this.#elements.required(element, "name");
    const type = this.#elements.typeUse(element);
    return name === undefined || type === undefined
      ? []
      : [{ name, type, docs: this.#elements.docs(element), span: element.span }];
  }

  #value(element: XmlElement): readonly EnumValue[] {
    const name = this.#elements.optional(element, "suffix") ?? this.#elements.required(element, "name");
    const value = this.#elements.required(element, "value");
    return name === undefined || value === undefined
      ? []
      : [{ name, value, docs: this.#elements.docs(element), span: element.span }];
  }

  #key(element: XmlElement): readonly DictionaryKey[] {
    const access = this.#elements.optional(element, "access");
    const defaultValue = this.#elements.optional(element, "default")?.value;
    const added = this.#elements.optional(element, "since")?.value;
    const deprecated = this.#elements.optional(element, "deprecated")?.value;
    return this.member(element).map((member) => ({
      ...member,
      docs: { ...member.docs, ...(added !== undefined && { added }), ...(deprecated !== undefined && { deprecated }) },
      ...(access && { access }),
      ...(defaultValue !== undefined && { default: defaultValue }),
    }));
  }

  #reportUnknown(element: XmlElement): void {
    if (element.namespace !== DICTIONARY) return;
    this.#diagnostics.report(
      "unknown-element",
      element.span,
      `<${element.qualifiedName}> is not an element of this vocabulary; it is ignored`,
      {
        hint: "did you mean <dictionary>?",
      },
    );
  }
}

/** Kinds of types by the namespace and name of the defining element. */
const KINDS: Readonly<Record<string, TypeDefinition["kind"]>> = {
  [`${TELEPATHY} simple-type`]: "simple",
  [`${TELEPATHY} external-type`]: "simple",
  [`${TELEPATHY} enum`]: "enum",
  [`${TELEPATHY} flags`]: "flags",
  [`${TELEPATHY} struct`]: "struct",
  [`${TELEPATHY} mapping`]: "mapping",
  [`${DICTIONARY} dictionary`]: "dictionary",
};
