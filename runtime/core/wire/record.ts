/**
 * The highest array index. V8 does not reserve memory for all lower indexes of an object that has, or had, this index.
 */
const HIGHEST_INDEX = 2 ** 32 - 2;

/**
 * Returns an empty object without prototype, for keys that a peer chooses. Objects with the same keys share the memory
 * of the keys. Objects of `Object.create(null)` do not, and take three times the memory.
 */
export function newRecord(): Record<string, unknown> {
  return Object.setPrototypeOf({}, null);
}

/**
 * Prepares a record for numeric keys such as `1000`. Without this, V8 reserves memory for all lower numbers: 12 KiB for
 * this key.
 */
export function prepareForNumberedKeys(record: Record<string, unknown>): void {
  record[HIGHEST_INDEX] = undefined;
  delete record[HIGHEST_INDEX];
}
