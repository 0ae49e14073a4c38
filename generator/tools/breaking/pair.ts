/** Declarations of two versions, paired. */
export interface Pairs<T> {
  readonly kept: readonly (readonly [before: T, after: T])[];
  readonly removed: readonly T[];
  readonly added: readonly T[];
}

/**
 * Pairs declarations that have the same key. Keys that come first take precedence, and each declaration is in at most one
 * pair. Declarations without a counterpart are removed or added.
 */
export function pair<T>(
  before: readonly T[],
  after: readonly T[],
  ...keys: readonly ((declaration: T) => string)[]
): Pairs<T> {
  const kept: (readonly [T, T])[] = [];
  let [removed, added] = [before, after];
  for (const keyOf of keys) {
    const unpaired = new Map<string, T[]>();
    for (const declaration of added) {
      const sameKey = unpaired.get(keyOf(declaration));
      if (sameKey === undefined) unpaired.set(keyOf(declaration), [declaration]);
      else sameKey.push(declaration);
    }
    removed = removed.filter((declaration) => {
      const counterpart = unpaired.get(keyOf(declaration))?.shift();
      if (counterpart !== undefined) kept.push([declaration, counterpart]);
      return counterpart === undefined;
    });
    added = [...unpaired.values()].flat();
  }
  return { kept, removed, added };
}
