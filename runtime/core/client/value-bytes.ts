import { Variant } from "../values.ts";
import {
  ARRAY_BYTES,
  BIGINT_BYTES,
  BYTE_ARRAY_BYTES,
  MAP_BYTES,
  MAP_ENTRY_BYTES,
  NEW_KEY_BYTES,
  RECORD_BYTES,
  SLOT_BYTES,
  textBytes,
  VARIANT_BYTES,
} from "../wire/decoded-bytes.ts";

/** Returns the estimated memory of a decoded value in bytes. The protocol limits the nesting of values. */
export function valueBytes(value: unknown): number {
  if (typeof value === "string") return SLOT_BYTES + textBytes(value.length);
  if (typeof value === "bigint") return SLOT_BYTES + BIGINT_BYTES;
  if (typeof value !== "object" || value === null) return SLOT_BYTES;
  if (value instanceof Uint8Array) return SLOT_BYTES + BYTE_ARRAY_BYTES + value.length;
  if (value instanceof Variant) return SLOT_BYTES + VARIANT_BYTES + valueBytes(value.value);
  let bytes = SLOT_BYTES;
  if (Array.isArray(value)) {
    bytes += ARRAY_BYTES;
    for (const item of value) bytes += valueBytes(item);
  } else if (value instanceof Map) {
    bytes += MAP_BYTES;
    for (const [key, item] of value) bytes += MAP_ENTRY_BYTES + valueBytes(key) + valueBytes(item);
  } else {
    bytes += RECORD_BYTES;
    for (const [key, item] of Object.entries(value)) bytes += NEW_KEY_BYTES + textBytes(key.length) + valueBytes(item);
  }
  return bytes;
}
