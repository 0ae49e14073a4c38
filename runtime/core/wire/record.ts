/** The highest index of an array, below that no JavaScript object reserves memory for all lower indexes. */
const HIGHEST_INDEX = 2 ** 32 - 2;

/**
 * Returns an empty object without prototype, for keys that a peer chooses. Objects with the same keys share the memory of
 * the keys, as those of `Object.create(null)` do not: these take three times the memory.
 */
export function newRecord(): Record<string, unknown> {
  return Object.setPrototypeOf({}, null);
}

/**
 * Prepares a record for keys such as `1000`. Otherwise the engine reserves memory for the values of all lower numbers, 12
 * KiB for this key.
 */
export function prepareForNumberedKeys(record: Record<string, unknown>): void {
  record[HIGHEST_INDEX] = undefined;
  delete record[HIGHEST_INDEX];
}
