// Memory that decoded values take in V8 on a 64-bit machine, in bytes, measured with Node 20 to 24. Every value also
// takes a slot in its container. `npm run reliability -- decoding` compares the sums with the memory that is used.

/** A reference to a value, or a small number. */
export const SLOT_BYTES = 8;
/** A number that is no small integer: `d`, and `u` from 2^31. In an array of numbers it takes a slot only. */
export const DOUBLE_BYTES = 16;
/** A bigint: `x` and `t`. */
export const BIGINT_BYTES = 24;
/** A Variant without its value. */
export const VARIANT_BYTES = 32;
/** An array without its items. An empty one takes less. */
export const ARRAY_BYTES = 48;
export const EMPTY_ARRAY_BYTES = 32;
/** A struct without its fields. */
export const STRUCT_BYTES = 48;
/** A Uint8Array without its bytes. All empty ones share a value. */
export const BYTE_ARRAY_BYTES = 200;
/** A Map without its entries, and an entry without its key and value. */
export const MAP_BYTES = 184;
export const MAP_ENTRY_BYTES = 24;
/** A record without its entries. */
export const RECORD_BYTES = 56;
/** The first key of a record, and any further one, if no earlier record has the same keys up to it. */
export const NEW_SHAPE_BYTES = 120;
export const NEW_KEY_BYTES = 56;
/** Most keys of a record that V8 stores without a hash table. */
export const SHAPE_KEYS = 16;
/** What a record grows by when it becomes a hash table. */
export const HASH_TABLE_BYTES = 800;
/** An entry of a record that is a hash table, without its key and value. */
export const HASH_ENTRY_BYTES = 48;
/** The first key of a record that begins with a digit, and any further one. See `key-order.ts`. */
export const FIRST_NUMBERED_KEY_BYTES = 344;
export const NUMBERED_KEY_BYTES = 80;

const TEXT_BYTES = 16;

/** Returns the memory of a text by its length in bytes. Texts of one character are shared. */
export function textBytes(length: number): number {
  return length <= 1 ? 0 : TEXT_BYTES + ((length + 7) & -8);
}
