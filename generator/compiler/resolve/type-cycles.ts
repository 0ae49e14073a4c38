import type { NamedType, Type } from "./ir.ts";
import { typesIn } from "./walk.ts";

/** The state of a type while the types that it contains are visited. */
interface Visit {
  readonly type: NamedType;
  readonly parts: readonly NamedType[];
  readonly index: number;
  next: number;
  lowest: number;
}

/**
 * Returns a number for each named type. Types that contain each other, directly or nested, have the same number, and all
 * others have distinct numbers (Tarjan's algorithm without recursion, because chains of types can be long).
 */
export function typeCycles(types: readonly NamedType[]): ReadonlyMap<NamedType, number> {
  const cycles = new Map<NamedType, number>();
  const indexes = new Map<NamedType, number>();
  const unassigned: NamedType[] = [];
  const visits: Visit[] = [];
  const enter = (type: NamedType): void => {
    const index = indexes.size;
    indexes.set(type, index);
    unassigned.push(type);
    visits.push({ type, parts: typesIn(type).flatMap(namedTypesOf), index, next: 0, lowest: index });
  };
  for (const type of types) {
    if (!indexes.has(type)) enter(type);
    for (let visit = visits.at(-1); visit !== undefined; visit = visits.at(-1)) {
      const part = visit.parts[visit.next++];
      if (part !== undefined) {
        const index = indexes.get(part);
        if (index === undefined) enter(part);
        else if (!cycles.has(part)) visit.lowest = Math.min(visit.lowest, index);
        continue;
      }
      visits.pop();
      const container = visits.at(-1);
      if (container !== undefined) container.lowest = Math.min(container.lowest, visit.lowest);
      if (visit.lowest === visit.index)
        for (const member of unassigned.splice(unassigned.lastIndexOf(visit.type))) cycles.set(member, visit.index);
    }
  }
  return cycles;
}

/** Returns the named types to which a type refers directly, without the types inside those named types. */
export function namedTypesOf(type: Type): readonly NamedType[] {
  switch (type.kind) {
    case "array":
      return namedTypesOf(type.element);
    case "dict":
      return [...namedTypesOf(type.key), ...namedTypesOf(type.value)];
    case "struct":
      return type.fields.flatMap(namedTypesOf);
    case "named":
      return [type.type];
    case "basic":
    case "variant":
      return [];
  }
}
