import type { EnumType, NamedType, Type } from "../../compiler/resolve/ir.ts";

/** The relation between types of two versions: on the wire and in TypeScript. */
export class TypeRelation {
  readonly #counterparts: ReadonlyMap<NamedType, NamedType>;
  readonly #refined: ReadonlySet<NamedType>;
  readonly #enumValues = new Map<EnumType, ReadonlySet<unknown>>();

  /**
   * @param pairs - Named types that are the same in both versions.
   * @param refined - Named types of both versions that other simple types refine.
   */
  constructor(pairs: readonly (readonly [NamedType, NamedType])[], refined: ReadonlySet<NamedType>) {
    this.#counterparts = new Map(
      pairs.flatMap(([before, after]) => [
        [before, after],
        [after, before],
      ]),
    );
    this.#refined = refined;
  }

  /** Returns whether two types are the same: equal, or composed of named types that are the same. */
  isSame(before: Type, after: Type): boolean {
    if (before.kind === "named" && after.kind === "named") return this.#areCounterparts(before.type, after.type);
    if (before.kind === "array" && after.kind === "array") return this.isSame(before.element, after.element);
    if (before.kind === "dict" && after.kind === "dict")
      return this.isSame(before.key, after.key) && this.isSame(before.value, after.value);
    if (before.kind === "struct" && after.kind === "struct")
      return (
        before.fields.length === after.fields.length &&
        before.fields.every((field, index) => hasAt(after.fields, index, (other) => this.isSame(field, other)))
      );
    return before.kind === after.kind && before.signature === after.signature;
  }

  /** Returns whether the signatures are equal, or differ only inside a named type, which is reported separately. */
  isSameOnWire(before: Type, after: Type): boolean {
    return before.signature === after.signature || this.isSame(before, after);
  }

  /** Returns whether a value of one type can be assigned to the other in TypeScript. Both have the same signature. */
  isAssignable(from: Type, to: Type): boolean {
    if (this.isSame(from, to) || to.signature === "ay") return true;
    const [source, target] = [this.#withoutAliases(from), this.#withoutAliases(to)];
    if (target.kind === "named") return this.#isAssignableToNamed(source, target.type);
    if (source.kind === "named") return target.kind === "basic";
    if (source.kind === "array" && target.kind === "array") return this.isAssignable(source.element, target.element);
    if (source.kind === "dict" && target.kind === "dict")
      return (
        (target.key.signature === "s" || this.isAssignable(source.key, target.key)) &&
        this.isAssignable(source.value, target.value)
      );
    if (source.kind === "struct" && target.kind === "struct")
      return source.fields.every((field, index) =>
        hasAt(target.fields, index, (other) => this.isAssignable(field, other)),
      );
    return source.kind === target.kind;
  }

  #isAssignableToNamed(source: Type, target: NamedType): boolean {
    const named = source.kind === "named" ? source.type : undefined;
    if (named !== undefined && this.#areCounterparts(named, target)) return true;
    switch (target.kind) {
      case "enum":
        if (target.values.length === 0) return named === undefined;
        return (
          named?.kind === "enum" &&
          named.values.length > 0 &&
          named.values.every(({ value }) => this.#valuesOf(target).has(value))
        );
      case "flags":
      case "simple":
        // Plain object paths, signatures and descriptors are branded types in TypeScript. Numbers and strings are not.
        return named === undefined ? !/[ogh]/.test(target.signature) : named.kind === "enum" && named.values.length > 0;
      case "struct":
        return (
          named?.kind === "struct" &&
          named.members.every(({ name, type }) =>
            target.members.some((member) => member.name === name && this.isAssignable(type, member.type)),
          )
        );
      default:
        return false;
    }
  }

  /** Replaces a named type that is only an alias in TypeScript with its definition. */
  #withoutAliases(type: Type): Type {
    if (type.kind !== "named") return type;
    const { type: named } = type;
    if (named.kind === "mapping")
      return { kind: "dict", key: named.key.type, value: named.value.type, signature: named.signature };
    if (named.kind !== "simple") return type;
    return named.signature.length === 1 && named.signature !== "v" && !this.#refined.has(named)
      ? type
      : this.#withoutAliases(named.type);
  }

  #valuesOf(type: EnumType): ReadonlySet<unknown> {
    const values = this.#enumValues.get(type) ?? new Set(type.values.map(({ value }) => value));
    this.#enumValues.set(type, values);
    return values;
  }

  #areCounterparts(type: NamedType, other: NamedType): boolean {
    return this.#counterparts.get(type) === other;
  }
}

function hasAt<T>(list: readonly T[], index: number, condition: (element: T) => boolean): boolean {
  const element = list[index];
  return element !== undefined && condition(element);
}
