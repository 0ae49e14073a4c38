import type { Argument, Interface, Ir, Method, NamedType, Property, Signal, Type } from "./ir.ts";

/** A method, signal or property with the interface it belongs to. */
export type PlacedMember =
  | { readonly kind: "method"; readonly member: Method; readonly of: Interface }
  | { readonly kind: "signal"; readonly member: Signal; readonly of: Interface }
  | { readonly kind: "property"; readonly member: Property; readonly of: Interface };

/** All members of all interfaces. */
export function membersOf({ interfaces }: Ir): readonly PlacedMember[] {
  return interfaces.flatMap((of): readonly PlacedMember[] => [
    ...of.methods.map((member) => ({ kind: "method", member, of }) as const),
    ...of.signals.map((member) => ({ kind: "signal", member, of }) as const),
    ...of.properties.map((member) => ({ kind: "property", member, of }) as const),
  ]);
}

/** Arguments of all methods and signals, with the member they belong to. */
export function argumentsOf(ir: Ir): readonly { readonly arg: Argument; readonly of: Method | Signal }[] {
  return ir.interfaces.flatMap(({ methods, signals }) => [
    ...methods.flatMap((of) => [...of.in, ...of.out].map((arg) => ({ arg, of }))),
    ...signals.flatMap((of) => of.args.map((arg) => ({ arg, of }))),
  ]);
}

/** All named types, those of interfaces and shared ones. */
export function typesOf({ interfaces, shared }: Ir): readonly NamedType[] {
  return [...interfaces, ...shared].flatMap(({ types }) => types);
}

/**
 * The named types that members use, directly or inside other types.
 * @param others - Names of types that something outside the IR uses.
 */
export function usedTypes(ir: Ir, others: ReadonlySet<string> = new Set()): ReadonlySet<NamedType> {
  const used = new Set<NamedType>();
  for (const type of typesOf(ir)) {
    if (others.has(type.name)) collect({ kind: "named", type, signature: type.signature }, used);
  }
  for (const { arg } of argumentsOf(ir)) collect(arg.type, used);
  for (const { properties } of ir.interfaces) for (const { type } of properties) collect(type, used);
  return used;
}

/** The types that stand directly in a named one. */
export function typesIn(type: NamedType): readonly Type[] {
  switch (type.kind) {
    case "simple":
      return [type.type];
    case "struct":
      return type.members.map((member) => member.type);
    case "mapping":
      return [type.key.type, type.value.type];
    case "dictionary":
      return type.entries.map((entry) => entry.type);
    case "enum":
    case "flags":
      return [];
  }
}

function collect(type: Type, used: Set<NamedType>): void {
  switch (type.kind) {
    case "array":
      collect(type.element, used);
      return;
    case "dict":
      collect(type.key, used);
      collect(type.value, used);
      return;
    case "struct":
      for (const field of type.fields) collect(field, used);
      return;
    case "named":
      if (used.has(type.type)) return;
      used.add(type.type);
      for (const part of typesIn(type.type)) collect(part, used);
      return;
    case "basic":
    case "variant":
  }
}
