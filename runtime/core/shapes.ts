import type { FieldShape } from "./contract.ts";
import { codecOf } from "./wire/compile-codec.ts";
import { Reader } from "./wire/reader.ts";
import { Writer } from "./wire/writer.ts";

/**
 * Returns a value without the shape of its type: tuples instead of structs with field names, and dictionaries with the
 * keys and variants of the wire.
 *
 * @throws InvalidValueError if the value does not fit the type, or contains a file descriptor.
 */
export function withoutShape(field: FieldShape, value: unknown): unknown {
  return field.as === undefined ? value : convert(value, field, { type: field.type });
}

/**
 * Returns a value in the shape of its type, from a value without a shape.
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
