import type { Diagnostics } from "../diagnostics/diagnostic.ts";
import type { Span } from "../diagnostics/source.ts";
import { groupBy } from "../group-by.ts";
import type {
  Annotation,
  ArgumentOverlay,
  Docs,
  InterfaceOverlay,
  IntrospectedArgument,
  IntrospectedInterface,
  IntrospectedMethod,
  IntrospectedProperty,
  IntrospectedSignal,
  MemberOverlay,
  MethodOverlay,
  PossibleError,
  PropertyOverlay,
  Text,
  TypeUse,
} from "../read/introspection.ts";
import { shorten } from "../text/shorten.ts";

/** A member of an interface. */
type Member = IntrospectedMethod | IntrospectedSignal | IntrospectedProperty;

/** The stage that merges overlays into interfaces. */
export class InterfaceMerger {
  readonly #diagnostics: Diagnostics;

  constructor(diagnostics: Diagnostics) {
    this.#diagnostics = diagnostics;
  }

  /** Returns an interface with the additions of one overlay. */
  merge(iface: IntrospectedInterface, overlay: InterfaceOverlay): IntrospectedInterface {
    return {
      ...iface,
      ...this.#common(iface, overlay),
      types: [...iface.types, ...overlay.types],
      methods: this.#members("method", iface, iface.methods, overlay.methods, (method, added) =>
        this.#method(method, added),
      ),
      signals: this.#members("signal", iface, iface.signals, overlay.signals, (signal, added) =>
        this.#signal(signal, added, "out"),
      ),
      properties: this.#members("property", iface, iface.properties, overlay.properties, (property, added) =>
        this.#property(property, added),
      ),
    };
  }

  /**
   * Merges the additions of an overlay into the members with the same names. Reports additions to members that do not
   * exist.
   */
  #members<T extends Member, A extends MemberOverlay | PropertyOverlay>(
    kind: string,
    { name: iface }: IntrospectedInterface,
    members: readonly T[],
    additions: readonly A[],
    merge: (member: T, addition: A) => T,
  ): readonly T[] {
    const names = new Set(members.map(({ name }) => name.value));
    for (const { name, isVersioned } of additions)
      if (!names.has(name.value)) this.#unmatched(name, `the ${kind} "${shorten(name.value)}"`, iface, isVersioned);
    const byName = groupBy(additions, ({ name }) => name.value);
    return members.map((member) => (byName.get(member.name.value) ?? []).reduce(merge, member));
  }

  #method(method: IntrospectedMethod, overlay: MethodOverlay): IntrospectedMethod {
    return { ...this.#signal(method, overlay, "in"), errors: mergeErrors(method.errors, overlay.errors) };
  }

  #signal(member: IntrospectedSignal, overlay: MemberOverlay, direction: "in" | "out"): IntrospectedSignal {
    const args = [...member.args];
    for (const added of overlay.args) {
      const index = this.#find(member, added, direction);
      const arg = index === undefined ? undefined : args[index];
      if (index !== undefined && arg !== undefined) args[index] = this.#argument(arg, added, member, direction);
    }
    return { ...member, ...this.#common(member, overlay), args };
  }

  #property(property: IntrospectedProperty, overlay: PropertyOverlay): IntrospectedProperty {
    const description = `the property ${shorten(property.name.value)}`;
    this.#compare(overlay.access, property.access, `the access of ${description}`);
    return {
      ...property,
      ...this.#common(property, overlay),
      type: this.#type(property.type, overlay, description),
    };
  }

  #argument(
    arg: IntrospectedArgument,
    overlay: ArgumentOverlay,
    member: IntrospectedSignal,
    direction: "in" | "out",
  ): IntrospectedArgument {
    const label =
      overlay.name === undefined ? `argument ${overlay.index?.value}` : `the argument "${shorten(overlay.name.value)}"`;
    const description = `${label} of ${shorten(member.name.value)}`;
    this.#compare(
      overlay.direction,
      arg.direction ?? { value: direction, span: arg.span },
      `the direction of ${description}`,
    );
    if (arg.name !== undefined)
      this.#compare(
        overlay.name,
        arg.name,
        `the name of argument ${overlay.index?.value} of ${shorten(member.name.value)}`,
      );
    const name = arg.name ?? overlay.name;
    return {
      ...arg,
      ...this.#common(arg, overlay),
      ...(name && { name }),
      type: this.#type(arg.type, overlay, description),
    };
  }

  /** Returns the index of the argument that an overlay enriches, or undefined after reporting that it does not exist. */
  #find(member: IntrospectedSignal, added: ArgumentOverlay, direction: "in" | "out"): number | undefined {
    const { name, index, direction: expected, isVersioned } = added;
    if (index !== undefined) {
      const number = /^\d{1,3}$/.test(index.value) ? Number(index.value) : -1;
      if (number >= 0 && number < member.args.length) return number;
      this.#unmatched(index, `an argument ${shorten(index.value)}, counted from 0`, member.name, isVersioned);
      return undefined;
    }
    const hasDirection = (arg: IntrospectedArgument): boolean =>
      expected === undefined || (arg.direction?.value ?? direction) === expected.value;
    const named = member.args.filter((arg) => arg.name?.value === name?.value);
    const arg = named.find(hasDirection) ?? named[0];
    if (arg !== undefined) return member.args.indexOf(arg);
    if (name !== undefined) this.#unmatched(name, `the argument "${shorten(name.value)}"`, member.name, isVersioned);
    return undefined;
  }

  #type(type: TypeUse, { signature, named }: PropertyOverlay | ArgumentOverlay, description: string): TypeUse {
    this.#compare(signature, type.signature, `the type of ${description}`);
    return named === undefined ? type : { ...type, named };
  }

  /** Reports a text of an overlay that differs from the text of the target. */
  #compare(text: Text | undefined, expected: Text, description: string): void {
    if (text === undefined || text.value === expected.value) return;
    const message = `${description} is "${shorten(expected.value)}", not "${shorten(text.value)}"`;
    const related = { message: "declared here", span: expected.span };
    this.#diagnostics.report("overlay-mismatch", text.span, message, { related, hint: HINT });
  }

  #unmatched({ span }: { readonly span: Span }, description: string, of: Text, isVersioned: boolean): void {
    if (isVersioned) return;
    const related = { message: "declared here", span: of.span };
    this.#diagnostics.report("overlay-unmatched", span, `${shorten(of.value)} does not have ${description}`, {
      related,
    });
  }

  #common<T extends { readonly annotations: readonly Annotation[]; readonly docs: Docs }>(
    { annotations, docs }: T,
    overlay: { readonly annotations: readonly Annotation[]; readonly docs: Docs },
  ): { readonly annotations: readonly Annotation[]; readonly docs: Docs } {
    return { annotations: mergeAnnotations(annotations, overlay.annotations), docs: mergeDocs(docs, overlay.docs) };
  }
}

const HINT = "an overlay cannot change what is on the wire; correct the overlay, or leave the attribute out";

/** Merges two lists of annotations. If both contain an annotation, the one of the second list is kept. */
export function mergeAnnotations(
  annotations: readonly Annotation[],
  added: readonly Annotation[],
): readonly Annotation[] {
  const names = new Set(added.map(({ name }) => name.value));
  return [...annotations.filter(({ name }) => !names.has(name.value)), ...added];
}

function mergeErrors(errors: readonly PossibleError[], added: readonly PossibleError[]): readonly PossibleError[] {
  const names = new Set(added.map(({ name }) => name.value));
  return [...errors.filter(({ name }) => !names.has(name.value)), ...added];
}

/** Merges documentation of a spec with that of an overlay. A text of the overlay replaces that of the spec. */
function mergeDocs(docs: Docs, { markup, ...added }: Docs): Docs {
  if (markup.length === 0 && added.gtkDoc === undefined) return { ...docs, ...added };
  const { gtkDoc: _, ...versions } = docs;
  return { ...versions, ...added, markup };
}
