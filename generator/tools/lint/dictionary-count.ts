import type { Span } from "../../compiler/diagnostics/source.ts";
import type { Ir, Type } from "../../compiler/resolve/ir.ts";
import { argumentsOf } from "../../compiler/resolve/walk.ts";

/** An argument or a property. */
export interface Value {
  /** Its description in a message. */
  readonly description: string;
  readonly name: string;
  readonly type: Type;
  readonly span: Span;
}

/** Returns all arguments and properties. */
export function valuesOf(ir: Ir): readonly Value[] {
  const args = argumentsOf(ir).map(({ arg, of }) => ({
    ...arg,
    description: arg.name === "" ? `an argument of ${of.name}` : `the argument "${arg.name}" of ${of.name}`,
  }));
  const properties = ir.interfaces.flatMap((iface) =>
    iface.properties.map((property) => ({ ...property, description: `the property "${property.name}"` })),
  );
  return [...args, ...properties];
}

/** Numbers of arguments and properties whose type contains an `a{sv}`. */
export interface DictionaryCount {
  /** Those of which all keys are declared. */
  readonly declared: number;
  readonly all: number;
}

/** Counts the arguments and properties whose type contains an `a{sv}`. */
export function countDictionaries(ir: Ir): DictionaryCount & { readonly firstUndeclared?: Span } {
  const values = valuesOf(ir).filter(({ type }) => type.signature.includes("a{sv}"));
  const [first, ...others] = values.filter(({ type }) => hasUndeclaredDictionary(type));
  if (first === undefined) return { declared: values.length, all: values.length };
  return { declared: values.length - 1 - others.length, all: values.length, firstUndeclared: first.span };
}

/** Returns the percentage of declared dictionaries, rounded down; 100 if there are no dictionaries. */
export function dictionaryPercent({ declared, all }: DictionaryCount): number {
  return all === 0 ? 100 : Math.floor((100 * declared) / all);
}

/** Returns whether a type contains an `a{sv}` whose keys are not declared. Keys of declared dictionaries are not searched. */
export function hasUndeclaredDictionary(type: Type): boolean {
  switch (type.kind) {
    case "basic":
    case "variant":
      return false;
    case "array":
      return hasUndeclaredDictionary(type.element);
    case "dict":
      return type.signature === "a{sv}" || hasUndeclaredDictionary(type.value);
    case "struct":
      return type.fields.some(hasUndeclaredDictionary);
    case "named":
      switch (type.type.kind) {
        case "simple":
          return hasUndeclaredDictionary(type.type.type);
        case "struct":
          return type.type.members.some((member) => hasUndeclaredDictionary(member.type));
        case "mapping":
          return type.type.signature === "a{sv}" || hasUndeclaredDictionary(type.type.value.type);
        default:
          return false;
      }
  }
}
