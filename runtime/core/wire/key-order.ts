import { prepareForNumberedKeys } from "./record.ts";

/**
 * Hidden property of a decoded dictionary with its keys in the order of the wire. The property exists only if the
 * JavaScript object cannot keep this order: JavaScript enumerates numeric keys such as `10` first.
 */
const ORDER = Symbol("order of keys");

/**
 * Stores the keys of a decoded dictionary in the order of the wire in a hidden property. `keys` may contain repeated
 * keys.
 */
export function rememberKeyOrder(dictionary: object, keys: readonly string[]): void {
  Object.defineProperty(dictionary, ORDER, { value: keys });
}

/** Returns the keys of a decoded dictionary in the order of the wire; undefined if the order is not stored. */
export function rememberedKeyOrder(dictionary: object): readonly string[] | undefined {
  const order: unknown = Reflect.get(dictionary, ORDER);
  return Array.isArray(order) ? order : undefined;
}

/** Returns whether JavaScript may enumerate a key before keys that were added earlier. */
export function mayBeReordered(key: string): boolean {
  const code = key.charCodeAt(0);
  return code >= 0x30 && code <= 0x39;
}

/**
 * Adds a key to the stored order of a record that is being decoded. Must be called before the value is added. If there
 * is no order yet, creates one with the keys that the record already has.
 */
export function addToOrder(order: string[] | undefined, record: Record<string, unknown>, key: string): string[] {
  const keys = order ?? Object.keys(record);
  if (order === undefined) prepareForNumberedKeys(record);
  keys.push(key);
  return keys;
}

/**
 * Returns the keys of a dictionary with string keys: in the order of the wire if the dictionary was decoded, otherwise
 * in the order of the object. Keys that were added after decoding are last.
 */
export function keysInOrder(dictionary: Readonly<Record<string, unknown>>): readonly string[] {
  const keys = Object.keys(dictionary);
  // Keys that are reordered are enumerated first.
  const [first] = keys;
  if (first === undefined || !mayBeReordered(first)) return keys;
  const order = rememberedKeyOrder(dictionary);
  if (order === undefined) return keys;
  const known = new Set(order);
  return [...[...known].filter((key) => Object.hasOwn(dictionary, key)), ...keys.filter((key) => !known.has(key))];
}
