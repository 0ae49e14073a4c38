import type { Interface, Ir, Method, NamedType, Property, Signal, Type } from "../../compiler/resolve/ir.ts";
import { typesIn } from "../../compiler/resolve/walk.ts";

/** What uses a type: a member of an interface, or another type. */
export type User =
  | { readonly of: Interface; readonly member: Method | Signal | Property }
  | { readonly type: NamedType };

/** Where each named type is used, in the order of the specs. */
export function usersOf(ir: Ir): ReadonlyMap<NamedType, readonly User[]> {
  const users = new Map<NamedType, User[]>();
  const use = (types: readonly Type[], user: User): void => {
    for (const type of new Set(types.flatMap(namedIn))) {
      if ("type" in user && user.type === type) continue;
      users.set(type, [...(users.get(type) ?? []), user]);
    }
  };
  for (const one of ir.interfaces) {
    for (const member of one.methods) use(typesOf([...member.in, ...member.out]), { of: one, member });
    for (const member of one.signals) use(typesOf(member.args), { of: one, member });
    for (const member of one.properties) use([member.type], { of: one, member });
  }
  for (const { types } of [...ir.interfaces, ...ir.shared]) for (const type of types) use(typesIn(type), { type });
  return users;
}

function typesOf(things: readonly { readonly type: Type }[]): readonly Type[] {
  return things.map(({ type }) => type);
}

function namedIn(type: Type): readonly NamedType[] {
  if (type.kind === "named") return [type.type];
  return type.kind === "array" ? namedIn(type.element) : [];
}
