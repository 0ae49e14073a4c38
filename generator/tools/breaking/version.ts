import type { Names } from "../../compiler/names/identifiers.ts";
import type { Interface, Ir, NamedType } from "../../compiler/resolve/ir.ts";
import { keysOf, typesOf, usedTypes } from "../../compiler/resolve/walk.ts";
import type { Changes } from "./change.ts";
import { pair } from "./pair.ts";
import { TypeRelation } from "./type-relation.ts";

/** One version of specs with its identifiers in TypeScript. */
export interface Version {
  readonly ir: Ir;
  readonly names: Names;
  /** Named types that members use, directly or inside other types. */
  readonly used: ReadonlySet<NamedType>;
  /** Named types that other simple types refine. In TypeScript they accept the values of all their refinements. */
  readonly refined: ReadonlySet<NamedType>;
  readonly interfaces: ReadonlyMap<string, Interface>;
  /** The interface that declares each type. Shared types have no entry. */
  readonly declaredIn: ReadonlyMap<NamedType, Interface>;
  /** Names of the defined errors. */
  readonly errorNames: ReadonlySet<string>;
}

/** The named types of two versions, paired. */
export interface TypePairs {
  readonly kept: readonly (readonly [before: NamedType, after: NamedType])[];
  readonly removed: readonly NamedType[];
  readonly added: readonly NamedType[];
}

/** Two versions, how their types relate, and the changes found so far. */
export interface Comparison {
  readonly before: Version;
  readonly after: Version;
  readonly types: TypePairs;
  readonly relation: TypeRelation;
  readonly changes: Changes;
}

export function versionOf(ir: Ir, names: Names): Version {
  const refined = typesOf(ir).flatMap((type) =>
    type.kind === "simple" && type.type.kind === "named" ? [type.type.type] : [],
  );
  return {
    ir,
    names,
    used: usedTypes(ir),
    refined: new Set(refined),
    interfaces: new Map(ir.interfaces.map((iface) => [iface.name, iface])),
    declaredIn: new Map(ir.interfaces.flatMap((iface) => iface.types.map((type) => [type, iface] as const))),
    errorNames: new Set(ir.errorDomains.flatMap(({ errors }) => errors.map(({ name }) => name))),
  };
}

/** Pairs the types of two versions, and returns a comparison without changes. */
export function comparisonOf(before: Version, after: Version, changes: Changes): Comparison {
  const types = pairTypes(before, after);
  const relation = new TypeRelation(types.kept, new Set([...before.refined, ...after.refined]));
  return { before, after, types, relation, changes };
}

/** Pairs types with the same name and module, then with the same name, then with the same definition and module. */
function pairTypes(before: Version, after: Version): TypePairs {
  const modules = new Map<NamedType, string>();
  for (const { ir, names } of [before, after]) {
    for (const type of typesOf(ir)) modules.set(type, names.type(type).module);
  }
  return pair(
    typesOf(before.ir),
    typesOf(after.ir),
    (type) => `${modules.get(type)} ${type.name}`,
    (type) => type.name,
    (type) => `${modules.get(type)} ${definitionOf(type)}`,
  );
}

/** Returns a text that is equal for types that differ only in their names or in the order of values or keys. */
function definitionOf(type: NamedType): string {
  const { kind, signature } = type;
  switch (type.kind) {
    case "simple":
      return `${kind} ${signature}`;
    case "enum":
    case "flags":
      return `${kind} ${signature} ${type.values
        .map(({ name, value }) => `${name}=${value}`)
        .toSorted()
        .join()}`;
    case "struct":
      return `${kind} ${signature} ${type.members.map(({ name }) => name).join()}`;
    case "mapping":
      return `${kind} ${signature} ${type.key.name} ${type.value.name}`;
    case "dictionary":
      return `${kind} ${signature} ${keysOf(type)
        .map((entry) => `${"pattern" in entry ? entry.pattern : entry.name}=${entry.type.signature}`)
        .toSorted()
        .join()}`;
    case "choice":
      return `${kind} ${signature} ${type.key} ${type.fields?.entries.name ?? ""} ${type.cases
        .map(({ name }) => name)
        .toSorted()
        .join()}`;
  }
}
