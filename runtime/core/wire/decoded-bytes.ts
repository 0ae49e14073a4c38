// Memory that decoded values take in V8 on a 64-bit machine, in bytes, measured with Node 20 to 24. Every value also
// takes a slot in its container. `npm run reliability -- decoding` compares the sums with the memory that is used.

/** Memory of a reference to a value, or of a small integer. */
export const SLOT_BYTES = 8;
/**
 * Memory of a number that is not a small integer: `d`, and `u` from 2^31. In an array of numbers, such a number takes
 * only a slot.
 */
export const DOUBLE_BYTES = 16;
/** Memory of a bigint: `x` and `t`. */
export const BIGINT_BYTES = 24;
/** Memory of a Variant without its value. */
export const VARIANT_BYTES = 32;
/** Memory of an array without its items. An empty array takes `EMPTY_ARRAY_BYTES`. */
export const ARRAY_BYTES = 48;
export const EMPTY_ARRAY_BYTES = 32;
/** Memory of a struct without its fields. */
export const STRUCT_BYTES = 48;
/** Memory of a Uint8Array without its bytes. All empty byte arrays share one value. */
export const BYTE_ARRAY_BYTES = 200;
/** Memory of a Map without its entries, and of an entry without its key and value. */
export const MAP_BYTES = 184;
export const MAP_ENTRY_BYTES = 24;
/** Memory of a record without its entries. */
export const RECORD_BYTES = 56;
/**
 * Memory of the first key of a record, and of each further key. The memory is counted only if no earlier record of the
 * message begins with the same keys.
 */
export const NEW_SHAPE_BYTES = 120;
export const NEW_KEY_BYTES = 56;
/** Maximum number of keys of a record that V8 stores without a hash table. */
export const SHAPE_KEYS = 16;
/** Additional memory of a record when it becomes a hash table. */
export const HASH_TABLE_BYTES = 800;
/** Memory of an entry of a record that is a hash table, without its key and value. */
export const HASH_ENTRY_BYTES = 48;
/**
 * Memory of the first key of a record that begins with a digit, and of each further such key. `key-order.ts` explains
 * why.
 */
export const FIRST_NUMBERED_KEY_BYTES = 344;
export const NUMBERED_KEY_BYTES = 80;

const TEXT_BYTES = 16;

/** Returns the memory of a text from its length in bytes. Texts of one character are shared, and take nothing. */
export function textBytes(length: number): number {
  return length <= 1 ? 0 : TEXT_BYTES + ((length + 7) & -8);
}
