import type { Diagnostics } from "../diagnostics/diagnostic.ts";
import type { ElementReader } from "./element-reader.ts";
import { commentOf, type GtkDoc } from "./gtk-doc.ts";
import type {
  ArgumentOverlay,
  Docs,
  InterfaceOverlay,
  MemberOverlay,
  MethodOverlay,
  PropertyOverlay,
  Text,
  TypeDefinition,
} from "./introspection.ts";
import type { TypeReader } from "./type-reader.ts";
import { DICTIONARY, TELEPATHY } from "./vocabulary.ts";
import type { XmlElement } from "./xml-element.ts";

/** Reads the interfaces of an overlay. Types, directions and accesses may be omitted, because its target has them. */
export class OverlayReader {
  readonly #elements: ElementReader;
  readonly #typeReader: TypeReader;
  readonly #diagnostics: Diagnostics;

  constructor(elements: ElementReader, typeReader: TypeReader, diagnostics: Diagnostics) {
    this.#elements = elements;
    this.#typeReader = typeReader;
    this.#diagnostics = diagnostics;
  }

  /** Returns what an `interface` element adds. The list is empty if its name is missing. */
  interface(element: XmlElement, comment: string | undefined): readonly InterfaceOverlay[] {
    const name = this.#named(element);
    const methods: MethodOverlay[] = [];
    const signals: MemberOverlay[] = [];
    const properties: PropertyOverlay[] = [];
    const types: TypeDefinition[] = [];
    this.#elements.eachChild(element, (child, docs) => {
      if (child.namespace !== "") types.push(...present(this.#typeReader.definition(child)));
      else if (child.name === "method") methods.push(...this.#method(child, docs));
      else if (child.name === "signal") signals.push(...this.#member(child, docs));
      else if (child.name === "property") properties.push(...this.#property(child, docs));
    });
    const common = this.#common(element, commentOf(element, comment));
    return name === undefined ? [] : [{ ...common, name, methods, signals, properties, types }];
  }

  #method(element: XmlElement, comment: string | undefined): readonly MethodOverlay[] {
    const errors = this.#elements.possibleErrors(element);
    return this.#member(element, comment).map((member) => ({ ...member, errors }));
  }

  #member(element: XmlElement, before: string | undefined): readonly MemberOverlay[] {
    const name = this.#named(element);
    const comment = commentOf(element, before);
    const args: ArgumentOverlay[] = [];
    this.#elements.eachChild(element, (child) => {
      if (child.namespace === "" && child.name === "arg") args.push(...this.#argument(child, comment));
    });
    const common = this.#common(element, comment);
    return name === undefined ? [] : [{ ...common, name, args }];
  }

  #property(element: XmlElement, comment: string | undefined): readonly PropertyOverlay[] {
    const name = this.#named(element);
    this.#elements.eachChild(element, () => undefined);
    const access = this.#elements.optional(element, "access");
    const common = { ...this.#common(element, commentOf(element, comment)), ...this.#type(element) };
    return name === undefined ? [] : [{ ...common, name, ...(access && { access }) }];
  }

  #argument(element: XmlElement, comment: GtkDoc | undefined): readonly ArgumentOverlay[] {
    this.#elements.reportUnknownAttributes(element);
    this.#elements.eachChild(element, () => undefined);
    const name = this.#elements.optional(element, "name");
    const index = this.#elements.optional(element, "index", DICTIONARY);
    const direction = this.#elements.optional(element, "direction");
    if (!name?.value && index === undefined) {
      const message = `<${element.qualifiedName}> of an overlay has neither a "name" nor a "dct:index"`;
      const hint = "name the argument, or count it from 0 among all arguments of the member";
      this.#diagnostics.report("attribute-missing", element.span, message, { hint });
      return [];
    }
    const text = comment?.args.get(name?.value ?? "");
    const common = this.#common(element, text === undefined ? undefined : { text });
    const optional = { ...(name?.value && { name }), ...(index && { index }), ...(direction && { direction }) };
    return [{ ...common, ...this.#type(element), ...optional }];
  }

  #named(element: XmlElement): Text | undefined {
    this.#elements.reportUnknownAttributes(element);
    return this.#elements.required(element, "name");
  }

  #type(element: XmlElement): Pick<PropertyOverlay, "signature" | "named"> {
    const signature = this.#elements.optional(element, "type");
    const named = this.#elements.optional(element, "type", TELEPATHY);
    return { ...(signature && { signature }), ...(named && { named }) };
  }

  #common(element: XmlElement, comment: Omit<GtkDoc, "args"> | undefined) {
    const since = this.#elements.optional(element, "since", DICTIONARY);
    const until = this.#elements.optional(element, "until", DICTIONARY);
    const docs: Docs = this.#elements.docs(element, comment);
    return {
      annotations: this.#elements.annotations(element),
      docs: since === undefined ? docs : { ...docs, added: since.value },
      isVersioned: since !== undefined || until !== undefined,
      span: element.span,
    };
  }
}

function present<T>(value: T | undefined): readonly T[] {
  return value === undefined ? [] : [value];
}
