import { groupBy } from "../../compiler/group-by.ts";

/** Declarations of two versions, paired. */
export interface Pairs<T> {
  readonly kept: readonly (readonly [before: T, after: T])[];
  readonly removed: readonly T[];
  readonly added: readonly T[];
}

/**
 * Pairs declarations that have the same key. The result contains the pairs, and the declarations without a counterpart
 * as removed or added.
 *
 * @param keys - Functions that return a key. Declarations are paired by the first key; those that remain are paired by
 *   the second, and so on.
 */
export function pair<T>(
  before: readonly T[],
  after: readonly T[],
  ...keys: readonly ((declaration: T) => string)[]
): Pairs<T> {
  const kept: (readonly [T, T])[] = [];
  let [removed, added] = [before, after];
  for (const keyOf of keys) {
    const unpaired = new Map([...groupBy(added, keyOf)].map(([key, group]) => [key, group.toReversed()]));
    removed = removed.filter((declaration) => {
      const counterpart = unpaired.get(keyOf(declaration))?.pop();
      if (counterpart !== undefined) kept.push([declaration, counterpart]);
      return counterpart === undefined;
    });
    added = [...unpaired.values()].flatMap((group) => group.toReversed());
  }
  return { kept, removed, added };
}
