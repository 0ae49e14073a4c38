import type { NamedType, Type } from "../../compiler/resolve/ir.ts";
import type { Versions } from "./version.ts";

/** How types of two versions relate: on the wire, and in TypeScript. */
export class Relation {
  readonly #same: (one: NamedType, other: NamedType) => boolean;
  readonly #wide: ReadonlySet<NamedType>;

  constructor({ before, after, types }: Versions) {
    this.#same = types.same;
    this.#wide = new Set([...before.wide, ...after.wide]);
  }

  /** Whether two types are written alike: equal, or of named types that are the same one. */
  isSame(before: Type, after: Type): boolean {
    if (before.kind === "named" && after.kind === "named") return this.#same(before.type, after.type);
    if (before.kind === "array" && after.kind === "array") return this.isSame(before.element, after.element);
    if (before.kind === "dict" && after.kind === "dict")
      return this.isSame(before.key, after.key) && this.isSame(before.value, after.value);
    if (before.kind === "struct" && after.kind === "struct")
      return (
        before.fields.length === after.fields.length &&
        before.fields.every((field, index) => within(after.fields, index, (other) => this.isSame(field, other)))
      );
    return before.kind === after.kind && before.signature === after.signature;
  }

  /** Whether the wire is the same, or differs only by what a named type now is, which is reported of that type. */
  isSameOnWire(before: Type, after: Type): boolean {
    return before.signature === after.signature || this.isSame(before, after);
  }

  /** Whether a value of one type can be given where TypeScript wants the other. Both have one signature. */
  fits(from: Type, to: Type): boolean {
    if (this.isSame(from, to) || to.signature === "ay") return true;
    const [source, target] = [this.#plain(from), this.#plain(to)];
    if (target.kind === "named") return this.#fitsNamed(source, target.type);
    if (source.kind === "named") return target.kind === "basic";
    if (source.kind === "array" && target.kind === "array") return this.fits(source.element, target.element);
    if (source.kind === "dict" && target.kind === "dict")
      return (
        (target.key.signature === "s" || this.fits(source.key, target.key)) && this.fits(source.value, target.value)
      );
    if (source.kind === "struct" && target.kind === "struct")
      return source.fields.every((field, index) => within(target.fields, index, (other) => this.fits(field, other)));
    return source.kind === target.kind;
  }

  #fitsNamed(source: Type, target: NamedType): boolean {
    const named = source.kind === "named" ? source.type : undefined;
    if (named !== undefined && this.#same(named, target)) return true;
    switch (target.kind) {
      case "enum":
        if (target.values.length === 0) return named === undefined;
        return (
          named?.kind === "enum" &&
          named.values.length > 0 &&
          named.values.every(({ value }) => has(target.values, value))
        );
      case "flags":
      case "simple":
        // Object paths, signatures and descriptors have a meaning in TypeScript already; numbers and strings have none.
        return named === undefined ? !/[ogh]/.test(target.signature) : named.kind === "enum" && named.values.length > 0;
      case "struct":
        return (
          named?.kind === "struct" &&
          named.members.every(({ name, type }) =>
            target.members.some((member) => member.name === name && this.fits(type, member.type)),
          )
        );
      default:
        return false;
    }
  }

  /** What TypeScript sees of a named type that is only another name. */
  #plain(type: Type): Type {
    if (type.kind !== "named") return type;
    const { type: named } = type;
    if (named.kind === "mapping")
      return { kind: "dict", key: named.key.type, value: named.value.type, signature: named.signature };
    if (named.kind !== "simple") return type;
    return named.signature.length === 1 && named.signature !== "v" && !this.#wide.has(named)
      ? type
      : this.#plain(named.type);
  }
}

function within<T>(list: readonly T[], index: number, is: (one: T) => boolean): boolean {
  const one = list[index];
  return one !== undefined && is(one);
}

function has(values: readonly { readonly value: unknown }[], value: unknown): boolean {
  return values.some((one) => one.value === value);
}
