import type { Names } from "../../compiler/names/identifiers.ts";
import type { Ir, NamedType } from "../../compiler/resolve/ir.ts";
import { typesOf } from "../../compiler/resolve/walk.ts";
import { pair } from "./pair.ts";

/** Which named types of two versions are the same one. */
export interface TypePairs {
  readonly kept: readonly (readonly [before: NamedType, after: NamedType])[];
  readonly removed: readonly NamedType[];
  readonly added: readonly NamedType[];
  /** Whether a type of either version is the same as one of the other. */
  same(one: NamedType, other: NamedType): boolean;
}

/** What is needed of a version to know its types again. */
interface Side {
  readonly ir: Ir;
  readonly names: Names;
}

/** Pairs named types: of one name in one module, then of one name, then of one definition in one module. */
export function pairTypes(before: Side, after: Side): TypePairs {
  const homes = new Map<NamedType, string>();
  for (const { ir, names } of [before, after]) {
    for (const type of typesOf(ir)) homes.set(type, names.type(type).module);
  }
  const found = pair(
    typesOf(before.ir),
    typesOf(after.ir),
    (type) => `${homes.get(type)} ${type.name}`,
    (type) => type.name,
    (type) => `${homes.get(type)} ${definitionOf(type)}`,
  );
  const partner = new Map<NamedType, NamedType>(found.kept);
  for (const [one, other] of found.kept) partner.set(other, one);
  return { ...found, same: (one, other) => partner.get(one) === other };
}

/** What a type is, without its name; values and keys have no order. */
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
      return `${kind} ${type.entries
        .map(({ name, type: own }) => `${name}=${own.signature}`)
        .toSorted()
        .join()}`;
  }
}
