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

/** An object of a running service as its introspection document describes it. */
export interface LiveObject {
  readonly path: string;
  /** Valid interfaces of the object, without the standard ones. */
  readonly interfaces: readonly Interface[];
  /** Names of the standard interfaces of the object. */
  readonly standard: readonly string[];
}

/** The content of one introspection document. */
export interface LiveDocument {
  /** The object of the document, and objects that are described inside of it. Empty if the document is invalid. */
  readonly objects: readonly LiveObject[];
  /** Paths of child objects. */
  readonly children: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads the introspection document of an object. The rules and limits for specs apply, because the service is not trusted.
 *
 * @param source - The document. Its path is used in messages.
 * @param path - Path of the object.
 */
export function readLiveDocument(source: Source, path: string): LiveDocument {
  const diagnostics = new Diagnostics();
  const text = decode(source, diagnostics);
  const root = text && parseXml(text, diagnostics);
  if (root === undefined || diagnostics.hasErrors)
    return { objects: [], children: [], diagnostics: diagnostics.sorted() };
  const reader = new LiveDocumentReader(source.path, diagnostics);
  reader.readNode(root, path);
  return { objects: reader.objects, children: reader.children, diagnostics: reader.diagnostics };
}

class LiveDocumentReader {
  readonly objects: LiveObject[] = [];
  readonly children: string[] = [];
  readonly #source: string;
  readonly #diagnostics: Diagnostics;
  readonly #interfaceDiagnostics: Diagnostic[] = [];

  constructor(source: string, diagnostics: Diagnostics) {
    this.#source = source;
    this.#diagnostics = diagnostics;
  }

  get diagnostics(): readonly Diagnostic[] {
    return [...this.#diagnostics.sorted(), ...this.#interfaceDiagnostics];
  }

  readNode(element: XmlElement, path: string): void {
    const nodes = childrenNamed(element, "", "node");
    const interfaces = childrenNamed(element, "", "interface");
    const separatelyRead = new Set<unknown>([...nodes, ...interfaces]);
    const others = element.children.filter((child) => !separatelyRead.has(child));
    new DocumentReader(this.#source, new Set(), this.#diagnostics).read({ ...element, children: others });
    const results = interfaces.map((iface) => this.#readInterface({ ...element, attributes: [], children: [iface] }));
    this.objects.push({
      path,
      interfaces: results.flatMap(({ valid }) => valid),
      standard: results.flatMap(({ standard }) => standard),
    });
    for (const node of nodes) {
      const childPath = this.#childPath(node, path);
      if (childPath === undefined) continue;
      this.children.push(childPath);
      // Most services describe each object in a separate document. The child is introspected in either case.
      if (node.children.length > 0) this.readNode(node, childPath);
    }
  }

  /** Reads and checks a node with one interface. Each interface is read separately, so that an invalid one affects no other. */
  #readInterface(node: XmlElement): { readonly valid: readonly Interface[]; readonly standard: readonly string[] } {
    const diagnostics = new Diagnostics();
    const introspection = new DocumentReader(this.#source, new Set(), diagnostics).read(node);
    const standard = introspection.interfaces.map(({ name }) => name.value).filter(isStandardInterface);
    if (standard.length > 0) return { valid: [], standard };
    const { interfaces } = resolve([introspection], diagnostics);
    for (const diagnostic of diagnostics.sorted()) this.#interfaceDiagnostics.push(diagnostic);
    return { valid: diagnostics.hasErrors ? [] : interfaces, standard };
  }

  #childPath(child: XmlElement, parent: string): string | undefined {
    const name = attributeOf(child, "name");
    // The name may contain several levels: the bus itself uses "org/freedesktop/DBus".
    if (name !== undefined && name.value !== "" && isObjectPath(`/${name.value}`))
      return `${parent === "/" ? "" : parent}/${name.value}`;
    const span = name?.valueSpan ?? child.span;
    const message =
      name === undefined
        ? "a child node must have a name"
        : `"${shorten(name.value)}" is not a relative object path: letters, digits and underscores`;
    this.#diagnostics.report(name === undefined ? "attribute-missing" : "name", span, message);
    return undefined;
  }
}
