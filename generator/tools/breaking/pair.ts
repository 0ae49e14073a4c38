/** Things of two versions, by what belongs together. */
export interface Pairs<T> {
  readonly kept: readonly (readonly [before: T, after: T])[];
  readonly removed: readonly T[];
  readonly added: readonly T[];
}

/** Pairs things by the first key that both sides have, each thing once; what is left over is gone or new. */
export function pair<T>(before: readonly T[], after: readonly T[], ...keys: readonly ((one: T) => string)[]): Pairs<T> {
  const kept: (readonly [T, T])[] = [];
  let [removed, added] = [before, after];
  for (const key of keys) {
    const waiting = new Map<string, T[]>();
    for (const one of added) {
      const same = waiting.get(key(one));
      if (same === undefined) waiting.set(key(one), [one]);
      else same.push(one);
    }
    removed = removed.filter((one) => {
      const found = waiting.get(key(one))?.shift();
      if (found !== undefined) kept.push([one, found]);
      return found === undefined;
    });
    added = [...waiting.values()].flat();
  }
  return { kept, removed, added };
}
