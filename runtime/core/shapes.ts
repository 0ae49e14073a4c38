import type { FieldShape } from "./contract.ts";
import { codecOf } from "./wire/compile-codec.ts";
import { Reader } from "./wire/reader.ts";
import { Writer } from "./wire/writer.ts";

/**
 * Converts a value with the shape of its type to a value without shape: structs become tuples, and dictionaries get the
 * keys and variants of the wire.
 *
 * @throws InvalidValueError if the value does not fit the type, or contains a file descriptor.
 */
export function withoutShape(field: FieldShape, value: unknown): unknown {
  return field.as === undefined ? value : convert(value, field, { type: field.type });
}

/**
 * Converts a value without shape to a value with the shape of its type. This is the reverse of `withoutShape`.
 *
 * @throws InvalidValueError if the value does not fit the type, or contains a file descriptor.
 */
export function withShape(field: FieldShape, value: unknown): unknown {
  return convert(value, { type: field.type }, field);
}

function convert(value: unknown, from: FieldShape, to: FieldShape): unknown {
  const writer = new Writer();
  codecOf(from.type, from.as?.()).encode(writer, value);
  return codecOf(to.type, to.as?.()).decode(new Reader(writer.copyBytes(), true));
}
