import type { Diagnostics } from "../diagnostics/diagnostic.ts";
import type { Origin } from "../diagnostics/origin.ts";
import type {
  Annotation,
  IntrospectedArgument,
  IntrospectedInterface,
  IntrospectedMethod,
  IntrospectedSignal,
  Introspection,
  Text,
} from "../read/introspection.ts";
import { Addresses } from "./addresses.ts";

/** Annotations from outside the specs: values by annotation name, by the pattern of what gets them. */
export type AnnotationOverrides = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Anything that has annotations, as the reader gives it. */
interface Annotated {
  readonly annotations: readonly Annotation[];
}

/** Adds annotations from outside to specs, as if they stood there; one of the same name gives way. */
export function annotate(
  specs: readonly Introspection[],
  outside: AnnotationOverrides,
  origin: Origin,
  diagnostics: Diagnostics,
): readonly Introspection[] {
  const added = match(addressesOf(specs), outside, origin, diagnostics);
  return added.size === 0 ? specs : specs.map((spec) => withAnnotations(spec, added));
}

function match(
  addresses: Addresses<Annotated>,
  outside: AnnotationOverrides,
  origin: Origin,
  diagnostics: Diagnostics,
): ReadonlyMap<Annotated, readonly Annotation[]> {
  const added = new Map<Annotated, readonly Annotation[]>();
  for (const [pattern, values] of Object.entries(outside)) {
    const found = addresses.matching(pattern);
    const span = origin.find(pattern);
    if (found.length === 0) {
      const near = addresses.nearestWord(pattern);
      const hint =
        near === undefined
          ? "call a method org.example.Lamp1.Play(), a property org.example.Lamp1:Colour, a signal org.example.Lamp1::Blown"
          : `did you mean ${near}?`;
      diagnostics.report("option-unmatched", span, `"${pattern}" is to be annotated, and nothing has that name`, {
        hint,
      });
    }
    const annotations = Object.entries(values).map(([name, value]) => ({
      name: { value: name, span },
      value: { value, span },
    }));
    for (const thing of found) added.set(thing, merge(added.get(thing) ?? [], annotations));
  }
  return added;
}

function addressesOf(specs: readonly Introspection[]): Addresses<Annotated> {
  const addresses = new Addresses<Annotated>();
  const named = <T extends Annotated & { readonly name: Text }>(thing: T) => ({ name: thing.name.value, thing });
  const withArgs = (thing: IntrospectedMethod | IntrospectedSignal) => ({
    ...named(thing),
    args: thing.args.map((arg) => ({ name: arg.name?.value ?? "", thing: arg })),
  });
  for (const one of specs.flatMap(({ interfaces }) => interfaces)) {
    addresses.addInterface({
      ...named(one),
      methods: one.methods.map(withArgs),
      signals: one.signals.map(withArgs),
      properties: one.properties.map((property) => ({ ...named(property), args: [] })),
    });
  }
  return addresses;
}

function withAnnotations(spec: Introspection, added: ReadonlyMap<Annotated, readonly Annotation[]>): Introspection {
  const own = <T extends Annotated>(thing: T): T => {
    const more = added.get(thing);
    return more === undefined ? thing : { ...thing, annotations: merge(thing.annotations, more) };
  };
  const withArgs = <T extends Annotated & { readonly args: readonly IntrospectedArgument[] }>(member: T): T => ({
    ...own(member),
    args: member.args.map(own),
  });
  const interfaces = spec.interfaces.map(
    (one): IntrospectedInterface => ({
      ...own(one),
      methods: one.methods.map(withArgs),
      signals: one.signals.map(withArgs),
      properties: one.properties.map(own),
    }),
  );
  return { ...spec, interfaces };
}

/** Annotations with others that come after them: of two of one name the later counts. */
function merge(before: readonly Annotation[], more: readonly Annotation[]): readonly Annotation[] {
  const names = new Set(more.map(({ name }) => name.value));
  return [...before.filter(({ name }) => !names.has(name.value)), ...more];
}
