import { isDeepStrictEqual } from "node:util";
import { type DictionaryShape, type Shape, Variant } from "@dbus-codegen-ts/runtime";

/** A property in the format of the signal PropertyChanged. */
export interface ChangedProperty {
  readonly name: string;
  readonly value: Variant;
  /** Name of the property in the typed dictionary. */
  readonly member: string;
}

/**
 * Yields the properties of a typed dictionary whose values differ between `before` and `after`, in the order of the
 * dictionary. Properties that have no value in `after` are left out.
 */
export function* changedProperties(shape: DictionaryShape, before: object, after: object): Iterable<ChangedProperty> {
  for (const [member, entry] of Object.entries(shape.entries)) {
    const value: unknown = Reflect.get(after, member);
    if (value === undefined || isDeepStrictEqual(value, Reflect.get(before, member))) continue;
    yield { name: entry.key, value: new Variant(entry.type, wireValue(entry.as?.(), value)), member };
  }
}

/** Returns a value in the format of its D-Bus type: a typed dictionary becomes a record of variants by D-Bus key. */
function wireValue(shape: Shape | undefined, value: unknown): unknown {
  if (shape?.kind !== "dictionary" || typeof value !== "object" || value === null) return value;
  const wire: Record<string, Variant> = {};
  for (const [member, { key, type, as }] of Object.entries(shape.entries)) {
    const inner: unknown = Reflect.get(value, member);
    if (inner !== undefined) wire[key] = new Variant(type, wireValue(as?.(), inner));
  }
  return wire;
}
