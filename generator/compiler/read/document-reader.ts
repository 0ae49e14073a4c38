import { isObjectPath } from "@dbus-codegen-ts/runtime/grammar";
import type { Diagnostics } from "../diagnostics/diagnostic.ts";
import { nearestWord } from "../text/nearest-word.ts";
import { ElementReader } from "./element-reader.ts";
import { type GtkDoc, readGtkDoc } from "./gtk-doc.ts";
import { includedPath, isInclude } from "./include.ts";
import type {
  Annotation,
  ErrorDomain,
  IntrospectedArgument,
  IntrospectedInterface,
  IntrospectedMethod,
  IntrospectedProperty,
  IntrospectedSignal,
  Introspection,
  TypeDefinition,
  TypedMember,
} from "./introspection.ts";
import { TypeReader } from "./type-reader.ts";
import { ELEMENTS, TELEPATHY } from "./vocabulary.ts";
import { attributeOf, childrenNamed, type XmlElement } from "./xml-element.ts";

/** Largest allowed number of interfaces and error domains of a spec, each of which is a module of the output. */
const MAX_MODULES = 1000;

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
  #modules = 0;

  constructor(path: string, paths: ReadonlySet<string>, diagnostics: Diagnostics) {
    this.#path = path;
    this.#paths = paths;
    this.#diagnostics = diagnostics;
    this.#elements = new ElementReader(diagnostics);
    this.#typeReader = new TypeReader(this.#elements, diagnostics);
  }

  /** Returns the declarations below the root element. */
  read(root: XmlElement): Introspection {
    if (root.namespace === "" && root.name === "node") this.#node(root, true);
    else if (root.namespace === TELEPATHY && ["spec", "generic-types", "errors"].includes(root.name)) this.#spec(root);
    else {
      this.#diagnostics.report("xml-root", root.span, `the root element is <${root.qualifiedName}>, not <node>`, {
        hint: "introspection XML has the form <node><interface name=…>…</interface></node>",
      });
    }
    return { path: this.#path, interfaces: this.#interfaces, types: this.#types, errorDomains: this.#errorDomains };
  }

  /** Returns whether another interface or error domain is allowed. Reports the first one that is not. */
  #allowsModule(element: XmlElement): boolean {
    this.#modules++;
    if (this.#modules === MAX_MODULES + 1) {
      const message = `the file declares more than ${MAX_MODULES} interfaces and error domains`;
      this.#diagnostics.report("xml-too-large", element.span, message, { hint: "divide it into several files" });
    }
    return this.#modules <= MAX_MODULES;
  }

  #node(node: XmlElement, isRoot: boolean): void {
    this.#elements.reportUnknownAttributes(node);
    this.#validateNodeName(node, isRoot);
    this.#eachChild(node, (child, docs) => {
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
    const isValid = isRoot
      ? isObjectPath(name.value.startsWith("/") ? name.value : `/${name.value}`)
      : /^[A-Za-z0-9_]+$/.test(name.value);
    if (isValid || (isRoot && name.value === "")) return;
    const rule = isRoot ? "an object path" : "one element of an object path: letters, digits and underscores";
    this.#diagnostics.report("name", name.span, `"${name.value}" is not ${rule}`, {
      hint: "a child node's name is relative to its parent",
    });
  }

  #spec(spec: XmlElement): void {
    if (spec.name === "errors") this.#errors(spec);
    else this.#eachChild(spec, (child) => this.#specChild(child));
  }

  #specChild(child: XmlElement): void {
    if (isInclude(child)) this.#include(child);
    else if (child.namespace === "" && child.name === "node") this.#node(child, true);
    else if (child.namespace === TELEPATHY && child.name === "errors") this.#errors(child);
    else if (child.namespace === TELEPATHY && ["section", "generic-types", "spec"].includes(child.name)) {
      this.#eachChild(child, (inner) => this.#specChild(inner));
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
    this.#elements.reportUnknownAttributes(element);
    const name = this.#elements.required(element, "name");
    const methods: IntrospectedMethod[] = [];
    const signals: IntrospectedSignal[] = [];
    const properties: IntrospectedProperty[] = [];
    const types: TypeDefinition[] = [];
    const contactAttributes: TypedMember[] = [];
    this.#eachChild(element, (child, docs) => {
      if (isInclude(child))
        this.#diagnostics.report("include", child.span, "an include is not allowed inside an interface");
      if (child.namespace === "") {
        if (child.name === "method") methods.push(...this.#method(child, docs));
        else if (child.name === "signal") signals.push(...this.#signal(child, docs));
        else if (child.name === "property") properties.push(...this.#property(child, docs));
        return;
      }
      if (child.namespace === TELEPATHY && child.name === "contact-attribute")
        contactAttributes.push(...this.#typeReader.member(child));
      else types.push(...present(this.#typeReader.definition(child)));
    });
    const annotations = this.#annotations(element);
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
    const possible = childrenNamed(element, TELEPATHY, "possible-errors").flatMap((list) =>
      childrenNamed(list, TELEPATHY, "error"),
    );
    const errors = [...possible, ...childrenNamed(element, TELEPATHY, "error")].flatMap((error) =>
      this.#elements.error(error),
    );
    return members.map((member) => ({ ...member, errors }));
  }

  /** Returns a signal, or the part of a method that signals have too. The list is empty if the name is missing. */
  #signal(element: XmlElement, before: string | undefined): readonly IntrospectedSignal[] {
    this.#elements.reportUnknownAttributes(element);
    const name = this.#elements.required(element, "name");
    const comment = commentOf(element, before);
    const args = this.#args(element, comment);
    const annotations = this.#annotations(element);
    return name === undefined
      ? []
      : [{ name, args, annotations, docs: this.#elements.docs(element, comment), span: element.span }];
  }

  #property(element: XmlElement, comment: string | undefined): readonly IntrospectedProperty[] {
    this.#elements.reportUnknownAttributes(element);
    this.#eachChild(element, () => undefined);
    const name = this.#elements.required(element, "name");
    const type = this.#elements.typeUse(element);
    const access = this.#elements.required(element, "access", "access is read, write or readwrite");
    const annotations = this.#annotations(element);
    if (name === undefined || type === undefined || access === undefined) return [];
    const docs = this.#elements.docs(element, commentOf(element, comment));
    return [{ name, type, access, annotations, docs, span: element.span }];
  }

  #args(member: XmlElement, comment: GtkDoc | undefined): readonly IntrospectedArgument[] {
    const args: IntrospectedArgument[] = [];
    this.#eachChild(member, (child) => {
      if (child.namespace !== "" || child.name !== "arg") return;
      this.#elements.reportUnknownAttributes(child);
      this.#eachChild(child, () => undefined);
      const name = this.#elements.optional(child, "name");
      const direction = this.#elements.optional(child, "direction");
      const type = this.#elements.typeUse(child);
      const annotations = this.#annotations(child);
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

  #annotations(element: XmlElement): readonly Annotation[] {
    return childrenNamed(element, "", "annotation").flatMap((annotation) => {
      this.#elements.reportUnknownAttributes(annotation);
      const name = this.#elements.required(annotation, "name", undefined, "annotation");
      const value = this.#elements.required(annotation, "value", undefined, "annotation");
      if (name?.value === "")
        this.#diagnostics.report("annotation", name.span, "the name of an annotation must not be empty");
      return name === undefined || value === undefined || name.value === "" ? [] : [{ name, value }];
    });
  }

  /** Calls `visit` for each child element with the comment before it. Reports unknown elements. */
  #eachChild(parent: XmlElement, visit: (child: XmlElement, comment: string | undefined) => void): void {
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
}

function present<T>(value: T | undefined): readonly T[] {
  return value === undefined ? [] : [value];
}

/** Returns the documentation in the comment before an element. */
function commentOf(element: XmlElement, comment: string | undefined): GtkDoc | undefined {
  const nameOf = (named: XmlElement): string => attributeOf(named, "name")?.value ?? "";
  return comment === undefined
    ? undefined
    : readGtkDoc(comment, nameOf(element), childrenNamed(element, "", "arg").map(nameOf));
}
