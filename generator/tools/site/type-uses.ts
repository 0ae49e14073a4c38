import type { Interface, Ir, Method, NamedType, Property, Signal, Type } from "../../compiler/resolve/ir.ts";
import { typesIn } from "../../compiler/resolve/walk.ts";

/** A use of a type: by a member of an interface, or by another type. */
export type TypeUse =
  | { readonly of: Interface; readonly member: Method | Signal | Property }
  | { readonly type: NamedType };

/** Finds the uses of each named type, in the order of the specs. */
export function findTypeUses(ir: Ir): ReadonlyMap<NamedType, readonly TypeUse[]> {
  const users = new Map<NamedType, TypeUse[]>();
  const use = (types: readonly Type[], user: TypeUse): void => {
    for (const type of new Set(types.flatMap(namedIn))) {
      if ("type" in user && user.type === type) continue;
      const uses = users.get(type);
      if (uses === undefined) users.set(type, [user]);
      else uses.push(user);
    }
  };
  for (const iface of ir.interfaces) {
    for (const member of iface.methods) use(typesOf([...member.in, ...member.out]), { of: iface, member });
    for (const member of iface.signals) use(typesOf(member.args), { of: iface, member });
    for (const member of iface.properties) use([member.type], { of: iface, member });
  }
  for (const { types } of [...ir.interfaces, ...ir.shared]) for (const type of types) use(typesIn(type), { type });
  return users;
}

function typesOf(values: readonly { readonly type: Type }[]): readonly Type[] {
  return values.map(({ type }) => type);
}

function namedIn(type: Type): readonly NamedType[] {
  if (type.kind === "named") return [type.type];
  return type.kind === "array" ? namedIn(type.element) : [];
}
