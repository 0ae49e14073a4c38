import type { Diagnostics } from "../diagnostics/diagnostic.ts";
import type { ElementReader } from "./element-reader.ts";
import type {
  ChoiceCase,
  DictionaryKey,
  EnumValue,
  KeyPattern,
  Text,
  TypeDefinition,
  TypedMember,
} from "./introspection.ts";
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
      case "dictionary": {
        const signature = this.#elements.optional(element, "type");
        const valueType = signature && valueSignature(signature);
        return {
          ...definition,
          kind,
          ...(signature && { signature }),
          keys: childrenNamed(element, DICTIONARY, "key").flatMap((key) => this.#key(key, valueType)),
          patterns: childrenNamed(element, DICTIONARY, "keys").flatMap((keys) => this.#pattern(keys, valueType)),
        };
      }
      case "choice": {
        const key = this.#elements.required(element, "key", "name the key whose value selects the dictionary");
        const cases = childrenNamed(element, DICTIONARY, "case").flatMap((choiceCase) => this.#case(choiceCase));
        const signature = this.#elements.optional(element, "type");
        const entries = this.#elements.optional(element, "entries");
        return key && { ...definition, kind, key, cases, ...(signature && { signature }), ...(entries && { entries }) };
      }
    }
  }

  /**
   * Returns the name and type of a `tp:member`, `tp:contact-attribute`, `dct:key` or `dct:keys`. The list is empty if
   * either is missing.
   *
   * @param defaultType - Signature of an element without a type.
   */
  member(element: XmlElement, defaultType?: Text): readonly TypedMember[] {
    const name = this.#elements.required(element, "name");
    const type = this.#elements.typeUse(element, defaultType);
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

  #pattern(element: XmlElement, valueType: Text | undefined): readonly KeyPattern[] {
    const pattern = this.#elements.required(element, "pattern", 'a pattern contains one *, as in pattern="x-*"');
    return pattern === undefined ? [] : this.#key(element, valueType).map((key) => ({ ...key, pattern }));
  }

  #case(element: XmlElement): readonly ChoiceCase[] {
    const value = this.#elements.required(element, "value");
    const named = this.#elements.optional(element, "type", TELEPATHY);
    if (named === undefined)
      this.#diagnostics.report("attribute-missing", element.span, `<${element.qualifiedName}> has no "tp:type"`, {
        hint: "name the dictionary that the value selects",
      });
    return value === undefined || named === undefined
      ? []
      : [{ value, named, docs: this.#elements.docs(element), span: element.span }];
  }

  /** @param valueType - Signature of all values of the dictionary; absent for variants, which have separate types. */
  #key(element: XmlElement, valueType: Text | undefined): readonly DictionaryKey[] {
    const access = this.#elements.optional(element, "access");
    const defaultValue = this.#elements.optional(element, "default")?.value;
    const nameForBindings = this.#elements.optional(element, "name-for-bindings", TELEPATHY)?.value;
    const added = this.#elements.optional(element, "since")?.value;
    const deprecated = this.#elements.optional(element, "deprecated")?.value;
    return this.member(element, valueType).map((member) => ({
      ...member,
      docs: { ...member.docs, ...(added !== undefined && { added }), ...(deprecated !== undefined && { deprecated }) },
      ...(access && { access }),
      ...(defaultValue !== undefined && { default: defaultValue }),
      ...(nameForBindings !== undefined && { nameForBindings }),
    }));
  }

  #reportUnknown(element: XmlElement): void {
    if (element.namespace !== DICTIONARY) return;
    this.#diagnostics.report(
      "unknown-element",
      element.span,
      `<${element.qualifiedName}> is not an element of this vocabulary; it is ignored`,
      {
        hint: "the definitions of this vocabulary are <dictionary> and <choice>",
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
  [`${DICTIONARY} choice`]: "choice",
};

/** Returns the signature of the values of a dictionary `a{s…}` other than `a{sv}`; undefined for other signatures. */
function valueSignature({ value, span }: Text): Text | undefined {
  const [, signature] = /^a\{s(.+)\}$/.exec(value) ?? [];
  return signature === undefined || signature === "v" ? undefined : { value: signature, span };
}
