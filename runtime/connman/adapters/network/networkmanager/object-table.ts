import type { ReadableProperty } from "@dbus-codegen-ts/runtime";
import type { ObjectsOf } from "./objects.ts";

/** The properties of an object as members of its generated client. */
type Readables<Properties> = { readonly [K in keyof Properties]-?: ReadableProperty<Properties[K]> };

interface Row<Properties> {
  readonly properties: Readables<Properties>;
  /** Values of the properties, kept until one changes; undefined after a change. */
  values: Partial<Properties> | undefined;
}

/** Property values of all objects that have one interface. */
export class ObjectTable<Properties> {
  readonly #rows = new Map<string, Row<Properties>>();
  #objects: ObjectsOf<Properties> | undefined;

  get size(): number {
    return this.#rows.size;
  }

  has(path: string): boolean {
    return this.#rows.has(path);
  }

  /**
   * Adds an object, and follows its values until the service removes it.
   *
   * @param onChange - Called after each change of a value, not for the present values.
   */
  add(path: string, properties: Readables<Properties>, onChange: () => void): void {
    const row: Row<Properties> = { properties, values: undefined };
    let isFollowing = false;
    const onValue = (): void => {
      row.values = undefined;
      this.#objects = undefined;
      if (isFollowing && this.#rows.get(path) === row) onChange();
    };
    this.#rows.set(path, row);
    this.#objects = undefined;
    for (const key in properties) {
      // The object manager client already keeps the values up to date, so subscribing sends nothing and cannot fail.
      properties[key].subscribe(onValue).catch(() => undefined);
    }
    isFollowing = true;
  }

  remove(path: string): void {
    this.#rows.delete(path);
    this.#objects = undefined;
  }

  /** Returns the values of all objects. */
  objects(): ObjectsOf<Properties> {
    this.#objects ??= new Map([...this.#rows].map(([path, row]) => [path, valuesOf(row)]));
    return this.#objects;
  }
}

function valuesOf<Properties>(row: Row<Properties>): Partial<Properties> {
  if (row.values !== undefined) return row.values;
  const values: Partial<Properties> = {};
  for (const key in row.properties) {
    const { value } = row.properties[key];
    if (value !== undefined) values[key] = value;
  }
  row.values = values;
  return values;
}
