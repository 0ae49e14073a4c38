import type { Span } from "../../compiler/diagnostics/source.ts";
import type { Ir, NamedType, Type } from "../../compiler/resolve/ir.ts";
import { argumentsOf } from "../../compiler/resolve/walk.ts";

/** An argument or a property. */
export interface Value {
  /** Description of the argument or property for messages. */
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
  /** Number of arguments and properties in which the keys of all dictionaries are declared. */
  readonly declared: number;
  /**
   * Number of arguments and properties, included in `declared`, with a dictionary that has no keys for a documented
   * reason.
   */
  readonly empty: number;
  readonly all: number;
}

/** Counts the arguments and properties whose type contains an `a{sv}`. */
export function countDictionaries(ir: Ir): DictionaryCount & { readonly firstUndeclared?: Span } {
  const values = valuesOf(ir).filter(({ type }) => type.signature.includes("a{sv}"));
  const undeclared = values.filter(({ type }) => hasUndeclaredDictionary(type));
  const declared = values.filter(({ type }) => !hasUndeclaredDictionary(type));
  const empty = declared.filter(({ type }) => kindsOf(type).includes("empty"));
  const [first] = undeclared;
  const count = { declared: declared.length, empty: empty.length, all: values.length };
  return first === undefined ? count : { ...count, firstUndeclared: first.span };
}

/** Returns the numbers as a sentence, such as `the keys of 3 of 4 dictionaries are declared: 75 %`. */
export function dictionaryText(count: DictionaryCount): string {
  const { declared, empty, all } = count;
  const share = `the keys of ${declared} of ${all} dictionaries are declared: ${dictionaryPercent(count)} %`;
  return empty === 0 ? share : `${share} (${empty} of them without keys, for a documented reason)`;
}

/** Returns the percentage of declared dictionaries, rounded down; 100 if there are no dictionaries. */
export function dictionaryPercent({ declared, all }: DictionaryCount): number {
  return all === 0 ? 100 : Math.floor((100 * declared) / all);
}

/** Returns whether a type contains an `a{sv}` whose keys are not declared. Keys of declared dictionaries are not searched. */
export function hasUndeclaredDictionary(type: Type): boolean {
  return kindsOf(type).includes("undeclared");
}

/** Whether the keys of an `a{sv}` are declared. A dictionary without keys needs a text that states why. */
type Kind = "declared" | "empty" | "undeclared";

/** Returns the kinds of the dictionaries in a type. */
function kindsOf(type: Type): readonly Kind[] {
  switch (type.kind) {
    case "basic":
    case "variant":
      return [];
    case "array":
      return kindsOf(type.element);
    case "dict":
      return type.signature === "a{sv}" ? ["undeclared"] : kindsOf(type.value);
    case "struct":
      return type.fields.flatMap(kindsOf);
    case "named":
      return kindsOfNamed(type.type);
  }
}

function kindsOfNamed(type: NamedType): readonly Kind[] {
  switch (type.kind) {
    case "simple":
      return kindsOf(type.type);
    case "struct":
      return type.members.flatMap((member) => kindsOf(member.type));
    case "mapping":
      return type.signature === "a{sv}" ? ["undeclared"] : kindsOf(type.value.type);
    case "dictionary":
      if (type.entries.length > 0 || type.patterns.length > 0) return ["declared"];
      return [type.doc.blocks.length > 0 ? "empty" : "undeclared"];
    default:
      return [];
  }
}
