import { isInterfaceName } from "@dbus-codegen-ts/runtime/grammar";
import type { Diagnostics } from "../diagnostics/diagnostic.ts";
import type { Origin } from "../diagnostics/origin.ts";
import type { Span } from "../diagnostics/source.ts";
import { mergeAnnotations } from "../overlays/interface-merger.ts";
import type { Annotation, IntrospectedArgument, Introspection, Text } from "../read/introspection.ts";
import { nearestWord } from "../text/nearest-word.ts";
import { shorten } from "../text/shorten.ts";
import { Addresses } from "./addresses.ts";
import { KNOWN_ANNOTATIONS } from "./annotation-table.ts";

/** Annotations from outside the specs. For each address pattern, the record contains values by annotation name. */
export type AnnotationOverrides = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** A declaration that can have annotations. */
interface Annotated {
  readonly annotations: readonly Annotation[];
}

type WithArguments = Annotated & { readonly name: Text; readonly args: readonly IntrospectedArgument[] };

/**
 * Returns specs with additional annotations. An added annotation replaces one of the same name in the spec. Reports
 * patterns that match no declaration.
 */
export function annotate(
  specs: readonly Introspection[],
  overrides: AnnotationOverrides,
  origin: Origin,
  diagnostics: Diagnostics,
): readonly Introspection[] {
  const added = matchPatterns(addressesOf(specs), overrides, origin, diagnostics);
  return added.size === 0 ? specs : specs.map((spec) => withAnnotations(spec, added));
}

function matchPatterns(
  addresses: Addresses<Annotated>,
  overrides: AnnotationOverrides,
  origin: Origin,
  diagnostics: Diagnostics,
): ReadonlyMap<Annotated, readonly Annotation[]> {
  const added = new Map<Annotated, readonly Annotation[]>();
  for (const [pattern, values] of Object.entries(overrides)) {
    const matches = addresses.matching(pattern);
    const span = origin.find(pattern);
    if (matches.length === 0) {
      const near = addresses.nearest(pattern);
      const hint =
        near === undefined
          ? "write a method as org.example.Lamp1.Play(), a property as org.example.Lamp1:Colour, a signal as org.example.Lamp1::Blown"
          : `did you mean ${near}?`;
      const message = `cannot annotate "${pattern}": no declaration has this address`;
      diagnostics.report("option-unmatched", span, message, { hint });
    }
    const annotations = Object.entries(values).map(([name, value]) => ({
      name: { value: name, span },
      value: { value, span },
    }));
    for (const name of Object.keys(values)) reportInvalidName(name, span, diagnostics);
    for (const declaration of matches)
      added.set(declaration, mergeAnnotations(added.get(declaration) ?? [], annotations));
  }
  return added;
}

/**
 * Reports a name that cannot be the name of an annotation: one without dots, or one that begins with
 * `org.freedesktop.DBus.` and is not defined by the D-Bus specification.
 */
function reportInvalidName(name: string, span: Span, diagnostics: Diagnostics): void {
  const isUndefined = name.startsWith("org.freedesktop.DBus.") && !KNOWN_ANNOTATIONS.has(name);
  if (isInterfaceName(name) && !isUndefined) return;
  const known = [...KNOWN_ANNOTATIONS.keys()];
  const near = known.find((full) => full.endsWith(`.${name}`)) ?? nearestWord(name, known);
  const reason = isUndefined ? "the D-Bus specification does not define it" : "it has no elements separated by dots";
  diagnostics.report("option-annotation", span, `"${shorten(name)}" is not the name of an annotation: ${reason}`, {
    hint: near === undefined ? "a name has the form org.example.Mark" : `did you mean ${near}?`,
  });
}

function addressesOf(specs: readonly Introspection[]): Addresses<Annotated> {
  const addresses = new Addresses<Annotated>();
  const named = <T extends Annotated & { readonly name: Text }>(value: T) => ({ name: value.name.value, value });
  const withArgs = (member: WithArguments) => ({
    ...named(member),
    args: member.args.map((arg) => ({ name: arg.name?.value ?? "", value: arg })),
  });
  for (const iface of specs.flatMap(({ interfaces }) => interfaces)) {
    addresses.addInterface({
      ...named(iface),
      methods: iface.methods.map(withArgs),
      signals: iface.signals.map(withArgs),
      properties: iface.properties.map((property) => ({ ...named(property), args: [] })),
    });
  }
  return addresses;
}

function withAnnotations(spec: Introspection, added: ReadonlyMap<Annotated, readonly Annotation[]>): Introspection {
  const annotated = <T extends Annotated>(declaration: T): T => {
    const more = added.get(declaration);
    return more === undefined
      ? declaration
      : { ...declaration, annotations: mergeAnnotations(declaration.annotations, more) };
  };
  const withArgs = <T extends WithArguments>(member: T): T => ({
    ...annotated(member),
    args: member.args.map(annotated),
  });
  const interfaces = spec.interfaces.map((iface) => ({
    ...annotated(iface),
    methods: iface.methods.map(withArgs),
    signals: iface.signals.map(withArgs),
    properties: iface.properties.map(annotated),
  }));
  return { ...spec, interfaces };
}
