import { prepareForNumberedKeys } from "./record.ts";

/**
 * The keys of a decoded dictionary in the order of the wire, as a hidden property. It is present where JavaScript objects
 * cannot keep the order: they enumerate keys such as `10` first, in numeric order.
 */
const ORDER = Symbol("order of keys");

/** Adds a hidden record of the keys of a decoded dictionary in the order of the wire. Repeated keys may be included. */
export function rememberKeyOrder(dictionary: object, keys: readonly string[]): void {
  Object.defineProperty(dictionary, ORDER, { value: keys });
}

/** Returns the keys of a decoded dictionary in the order of the wire; undefined if none are remembered. */
export function rememberedKeyOrder(dictionary: object): readonly string[] | undefined {
  const order: unknown = Reflect.get(dictionary, ORDER);
  return Array.isArray(order) ? order : undefined;
}

/** Returns whether JavaScript objects may enumerate a key before others that were added earlier. */
export function mayBeReordered(key: string): boolean {
  const code = key.charCodeAt(0);
  return code >= 0x30 && code <= 0x39;
}

/**
 * Adds a key to the order of a record that is being decoded, before its value is added. The order begins with the keys
 * that the record already has.
 */
export function addToOrder(order: string[] | undefined, record: Record<string, unknown>, key: string): string[] {
  const keys = order ?? Object.keys(record);
  if (order === undefined) prepareForNumberedKeys(record);
  keys.push(key);
  return keys;
}

/**
 * Returns the keys of a dictionary with string keys: in the order of the wire if it was decoded, otherwise in the order
 * of the object. Keys that were added after decoding follow.
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
