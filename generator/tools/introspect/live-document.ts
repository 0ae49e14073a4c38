import { isObjectPath } from "@dbus-codegen-ts/runtime/grammar";
import { type Diagnostic, Diagnostics } from "../../compiler/diagnostics/diagnostic.ts";
import type { Source } from "../../compiler/diagnostics/source.ts";
import { decode } from "../../compiler/read/decode.ts";
import { DocumentReader } from "../../compiler/read/document-reader.ts";
import { attributeOf, childrenNamed, type XmlElement } from "../../compiler/read/xml-element.ts";
import { parseXml } from "../../compiler/read/xml-tree.ts";
import type { Interface } from "../../compiler/resolve/ir.ts";
import { resolve } from "../../compiler/resolve/resolve.ts";
import { isStandardInterface } from "../../compiler/resolve/standard-interfaces.ts";
import { shorten } from "../../compiler/text/shorten.ts";

/** What one object of a running service says of itself. */
export interface LiveObject {
  readonly path: string;
  /** Its interfaces but for the standard ones; one that is not valid is left out. */
  readonly interfaces: readonly Interface[];
  /** Names of the standard interfaces that it lists. */
  readonly standard: readonly string[];
}

/** What one introspection document tells. */
export interface LiveDocument {
  /** The object that was asked, and those described inside its document; none where the document is not valid. */
  readonly objects: readonly LiveObject[];
  /** Paths of the objects that are named below. */
  readonly children: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads the introspection document of an object by the rules that hold for specs: a running service is not trusted.
 *
 * @param source - The document; its path is for messages.
 * @param path - Path of the object.
 */
export function readLiveDocument(source: Source, path: string): LiveDocument {
  const diagnostics = new Diagnostics();
  const text = decode(source, diagnostics);
  const root = text && parseXml(text, diagnostics);
  if (root === undefined || diagnostics.hasErrors)
    return { objects: [], children: [], diagnostics: diagnostics.sorted() };
  const reader = new LiveReader(source.path, diagnostics);
  reader.node(root, path);
  return { objects: reader.objects, children: reader.children, diagnostics: reader.found() };
}

class LiveReader {
  readonly objects: LiveObject[] = [];
  readonly children: string[] = [];
  readonly #source: string;
  readonly #diagnostics: Diagnostics;
  readonly #ofInterfaces: Diagnostic[] = [];

  constructor(source: string, diagnostics: Diagnostics) {
    this.#source = source;
    this.#diagnostics = diagnostics;
  }

  found(): readonly Diagnostic[] {
    return [...this.#diagnostics.sorted(), ...this.#ofInterfaces];
  }

  node(element: XmlElement, path: string): void {
    const inner = childrenNamed(element, "", "node");
    const interfaces = childrenNamed(element, "", "interface");
    const others = element.children.filter((child) => ![...inner, ...interfaces].some((one) => one === child));
    new DocumentReader(this.#source, new Set(), this.#diagnostics).read({ ...element, children: others });
    const read = interfaces.map((one) => this.#interface({ ...element, attributes: [], children: [one] }));
    this.objects.push({
      path,
      interfaces: read.flatMap(({ checked }) => checked),
      standard: read.flatMap(({ standard }) => standard),
    });
    for (const child of inner) {
      const at = this.#childPath(child, path);
      if (at === undefined) continue;
      this.children.push(at);
      // Few services describe objects inside the document of another; the object itself is asked all the same.
      if (child.children.length > 0) this.node(child, at);
    }
  }

  /** Each interface is read and checked alone: one that is not valid does not take the others with it. */
  #interface(node: XmlElement): { readonly checked: readonly Interface[]; readonly standard: readonly string[] } {
    const diagnostics = new Diagnostics();
    const read = new DocumentReader(this.#source, new Set(), diagnostics).read(node);
    const standard = read.interfaces.map(({ name }) => name.value).filter(isStandardInterface);
    if (standard.length > 0) return { checked: [], standard };
    const { interfaces } = resolve([read], diagnostics);
    this.#ofInterfaces.push(...diagnostics.sorted());
    return { checked: diagnostics.hasErrors ? [] : interfaces, standard };
  }

  #childPath(child: XmlElement, parent: string): string | undefined {
    const name = attributeOf(child, "name");
    // The bus itself names what is several levels below.
    if (name !== undefined && name.value !== "" && isObjectPath(`/${name.value}`))
      return `${parent === "/" ? "" : parent}/${name.value}`;
    const span = name?.valueSpan ?? child.span;
    const message =
      name === undefined
        ? "a child node has a name"
        : `"${shorten(name.value)}" is not a relative object path: letters, digits and underscores`;
    this.#diagnostics.report(name === undefined ? "attribute-missing" : "name", span, message);
    return undefined;
  }
}
