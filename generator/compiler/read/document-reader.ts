import { isBusName, isObjectPath, MAX_INTERFACES } from "@dbus-codegen-ts/runtime/grammar";
import type { Diagnostics } from "../diagnostics/diagnostic.ts";
import { shorten } from "../text/shorten.ts";
import { ElementReader } from "./element-reader.ts";
import { commentOf, type GtkDoc } from "./gtk-doc.ts";
import { includedPath, isInclude } from "./include.ts";
import type {
  ErrorDomain,
  InterfaceOverlay,
  IntrospectedArgument,
  IntrospectedInterface,
  IntrospectedMethod,
  IntrospectedProperty,
  IntrospectedSignal,
  Introspection,
  Text,
  TypeDefinition,
  TypedMember,
} from "./introspection.ts";
import { checkNamespaces } from "./namespaces.ts";
import { OverlayReader } from "./overlay-reader.ts";
import { TypeReader } from "./type-reader.ts";
import { DICTIONARY, TELEPATHY } from "./vocabulary.ts";
import { childrenNamed, type XmlElement } from "./xml-element.ts";

/** Converts the elements of one document to its introspection model. Reports elements and attributes that are not valid. */
export class DocumentReader {
  readonly #path: string;
  readonly #paths: ReadonlySet<string>;
  readonly #diagnostics: Diagnostics;
  readonly #interfaces: IntrospectedInterface[] = [];
  readonly #types: TypeDefinition[] = [];
  readonly #errorDomains: ErrorDomain[] = [];
  readonly #elements: ElementReader;
  readonly #typeReader: TypeReader;
  readonly #overlayInterfaces: InterfaceOverlay[] = [];
  readonly #overlayReader: OverlayReader;
  #isOverlay = false;
  #modules = 0;

  constructor(path: string, paths: ReadonlySet<string>, diagnostics: Diagnostics) {
    this.#path = path;
    this.#paths = paths;
    this.#diagnostics = diagnostics;
    this.#elements = new ElementReader(diagnostics);
    this.#typeReader = new TypeReader(this.#elements, diagnostics);
    this.#overlayReader = new OverlayReader(this.#elements, this.#typeReader, diagnostics);
  }

  /**
   * Returns the declarations below the root element.
   * @param mustBeOverlay - Whether a spec that is not an overlay is reported.
   */
  read(root: XmlElement, mustBeOverlay = false): Introspection {
    checkNamespaces(root, this.#diagnostics);
    const overlay = this.#overlayName(root);
    this.#isOverlay = overlay !== undefined;
    if (mustBeOverlay && overlay === undefined)
      this.#diagnostics.report("option-overlay", root.span, "the file is used as an overlay, but it is a spec", {
        hint: 'an overlay has the form <node dct:overlay="org.example.Lamp">…</node>',
      });
    if (root.namespace === "" && root.name === "node") this.#node(root, true);
    else if (root.namespace === "" && root.name === "interface") this.#rootInterface(root);
    else if (root.namespace === TELEPATHY && ["spec", "generic-types", "errors"].includes(root.name)) this.#spec(root);
    else {
      this.#diagnostics.report("xml-root", root.span, `the root element is <${root.qualifiedName}>, not <node>`, {
        hint: "introspection XML has the form <node><interface name=…>…</interface></node>",
      });
    }
    return {
      path: this.#path,
      interfaces: this.#interfaces,
      types: this.#types,
      errorDomains: this.#errorDomains,
      ...(overlay && { overlay: { name: overlay, interfaces: this.#overlayInterfaces } }),
    };
  }

  /** Returns the name of the API that an overlay enriches, or undefined for a spec. Reports an invalid name. */
  #overlayName(root: XmlElement): Text | undefined {
    const name = this.#elements.optional(root, "overlay", DICTIONARY);
    if (name !== undefined && !isBusName(name.value))
      this.#diagnostics.report("name", name.span, `"${shorten(name.value)}" is not a bus name`, {
        hint: "name the service whose interfaces the overlay enriches, such as org.freedesktop.NetworkManager",
      });
    return name;
  }

  /**
   * Counts an interface or error domain, and returns whether the limit allows it. Reports the first one that exceeds
   * the limit.
   */
  #allowsModule(element: XmlElement): boolean {
    this.#modules++;
    if (this.#modules === MAX_INTERFACES + 1) {
      const message = `the file declares more than ${MAX_INTERFACES} interfaces and error domains`;
      this.#diagnostics.report("xml-too-large", element.span, message, { hint: "divide it into several files" });
    }
    return this.#modules <= MAX_INTERFACES;
  }

  #rootInterface(root: XmlElement): void {
    this.#diagnostics.report("interface-root", root.span, "the root element is <interface>, not <node>", {
      hint: "put the interface into a <node> element",
    });
    this.#interface(root, undefined);
  }

  #node(node: XmlElement, isRoot: boolean): void {
    this.#elements.reportUnknownAttributes(node);
    this.#validateNodeName(node, isRoot);
    this.#elements.eachChild(node, (child, docs) => {
      if (child.namespace === "" && child.name === "interface") this.#interface(child, docs);
      else if (child.namespace === "" && child.name === "node") this.#node(child, false);
      else if (child.namespace === TELEPATHY) this.#specChild(child);
      else if (isInclude(child)) this.#include(child);
    });
  }

  #validateNodeName(node: XmlElement, isRoot: boolean): void {
    const name = this.#elements.optional(node, "name");
    if (name === undefined) {
      if (!isRoot) this.#diagnostics.report("attribute-missing", node.span, "a child node must have a name");
      return;
    }
    const quoted = `"${shorten(name.value)}"`;
    const isAbsolute = name.value.startsWith("/");
    const isPath = isObjectPath(isAbsolute ? name.value : `/${name.value}`);
    if (isRoot) {
      if (name.value !== "" && !isPath)
        this.#diagnostics.report("node-name", name.span, `${quoted} is not an object path`);
    } else if (name.value === "" || isAbsolute || !isPath) {
      const message = `${quoted} is not a relative object path: elements of letters, digits and underscores`;
      this.#diagnostics.report("name", name.span, message, { hint: "a child node's name is relative to its parent" });
    } else if (name.value.includes("/")) {
      this.#diagnostics.report("node-path", name.span, `the child node ${quoted} is several levels below its parent`);
    }
  }

  #spec(spec: XmlElement): void {
    if (spec.name === "errors") this.#errors(spec);
    else this.#elements.eachChild(spec, (child) => this.#specChild(child));
  }

  #specChild(child: XmlElement): void {
    if (isInclude(child)) this.#include(child);
    else if (child.namespace === "" && child.name === "node") this.#node(child, true);
    else if (child.namespace === TELEPATHY && child.name === "errors") this.#errors(child);
    else if (child.namespace === TELEPATHY && ["section", "generic-types", "spec"].includes(child.name)) {
      this.#elements.eachChild(child, (inner) => this.#specChild(inner));
    } else {
      const type = this.#typeReader.definition(child);
      if (type !== undefined) this.#types.push(type);
    }
  }

  #include(include: XmlElement): void {
    const path = includedPath(include, this.#path, this.#diagnostics);
    if (path === undefined || this.#paths.has(path)) return;
    this.#diagnostics.report("include", include.span, `the included file "${path}" is not among the given files`, {
      hint: "check the path in href; it must be a regular file in the folder of the including file or below it",
    });
  }

  #errors(element: XmlElement): void {
    if (!this.#allowsModule(element)) return;
    const namespace = this.#elements.required(element, "namespace");
    const errors = childrenNamed(element, TELEPATHY, "error").flatMap((error) => this.#elements.error(error));
    if (namespace !== undefined)
      this.#errorDomains.push({ namespace, errors, docs: this.#elements.docs(element), span: element.span });
  }

  #interface(element: XmlElement, comment: string | undefined): void {
    if (!this.#allowsModule(element)) return;
    if (this.#isOverlay) {
      this.#overlayInterfaces.push(...this.#overlayReader.interface(element, comment));
      return;
    }
    this.#elements.reportUnknownAttributes(element);
    const name = this.#elements.required(element, "name");
    const methods: IntrospectedMethod[] = [];
    const signals: IntrospectedSignal[] = [];
    const properties: IntrospectedProperty[] = [];
    const types: TypeDefinition[] = [];
    const contactAttributes: TypedMember[] = [];
    this.#elements.eachChild(element, (child, docs) => {
      if (isInclude(child))
        this.#diagnostics.report("include", child.span, "an include is not allowed inside an interface");
      if (child.namespace === "") {
        if (child.name === "method") methods.push(...this.#method(child, docs));
        else if (child.name === "signal") signals.push(...this.#signal(child, docs));
        else if (child.name === "property") properties.push(...this.#property(child, docs));
        return;
      }
      if (child.namespace === TELEPATHY && child.name === "errors") this.#errors(child);
      else if (child.namespace === TELEPATHY && child.name === "contact-attribute")
        contactAttributes.push(...this.#typeReader.member(child));
      else types.push(...present(this.#typeReader.definition(child)));
    });
    const annotations = this.#elements.annotations(element);
    if (name === undefined) return;
    const docs = this.#elements.docs(element, commentOf(element, comment));
    this.#interfaces.push({
      name,
      methods,
      signals,
      properties,
      annotations,
      types,
      contactAttributes,
      docs,
      span: element.span,
    });
  }

  #method(element: XmlElement, comment: string | undefined): readonly IntrospectedMethod[] {
    const members = this.#signal(element, comment);
    const errors = this.#elements.possibleErrors(element);
    return members.map((member) => ({ ...member, errors }));
  }

  /** Reads a signal, or those parts of a method that a signal has, too. The list is empty if the name is missing. */
  #signal(element: XmlElement, before: string | undefined): readonly IntrospectedSignal[] {
    this.#elements.reportUnknownAttributes(element);
    const name = this.#elements.required(element, "name");
    const comment = commentOf(element, before);
    const args = this.#args(element, comment);
    const annotations = this.#elements.annotations(element);
    return name === undefined
      ? []
      : [{ name, args, annotations, docs: this.#elements.docs(element, comment), span: element.span }];
  }

  #property(element: XmlElement, comment: string | undefined): readonly IntrospectedProperty[] {
    this.#elements.reportUnknownAttributes(element);
    this.#elements.eachChild(element, () => undefined);
    const name = this.#elements.required(element, "name");
    const type = this.#elements.typeUse(element);
    const access = this.#elements.required(element, "access", "access is read, write or readwrite");
    const annotations = this.#elements.annotations(element);
    if (name === undefined || type === undefined || access === undefined) return [];
    const docs = this.#elements.docs(element, commentOf(element, comment));
    return [{ name, type, access, annotations, docs, span: element.span }];
  }

  #args(member: XmlElement, comment: GtkDoc | undefined): readonly IntrospectedArgument[] {
    const args: IntrospectedArgument[] = [];
    this.#elements.eachChild(member, (child) => {
      if (child.namespace !== "" || child.name !== "arg") return;
      this.#elements.reportUnknownAttributes(child);
      this.#elements.eachChild(child, () => undefined);
      const name = this.#elements.optional(child, "name");
      const direction = this.#elements.optional(child, "direction");
      const type = this.#elements.typeUse(child);
      const annotations = this.#elements.annotations(child);
      if (type === undefined) return;
      const text = comment?.args.get(name?.value ?? "");
      const docs = this.#elements.docs(child, text === undefined ? undefined : { text });
      args.push({
        ...(name?.value && { name }),
        type,
        ...(direction && { direction }),
        annotations,
        docs,
        span: child.span,
      });
    });
    return args;
  }
}

function present<T>(value: T | undefined): readonly T[] {
  return value === undefined ? [] : [value];
}
