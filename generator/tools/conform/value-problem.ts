import { Variant } from "@dbus-codegen-ts/runtime";
import type { ChoiceType, DictionaryType, EnumType, NamedType, Property, Type } from "../../compiler/resolve/ir.ts";
import { keyOf } from "../../compiler/resolve/walk.ts";
import { listing, shorten } from "../../compiler/text/shorten.ts";
import { type CheckName, quote } from "./report.ts";

/** A problem of a value from the service, with the check that it fails. */
export interface ValueProblem {
  readonly check: CheckName;
  readonly message: string;
}

/** Returns how a property value from the service contradicts the type of the property, or undefined if it does not. */
export function findPropertyProblem({ type }: Property, value: unknown): ValueProblem | undefined {
  if (!(value instanceof Variant)) return { check: "value-type", message: "the value is not a variant" };
  if (value.signature !== type.signature)
    return {
      check: "value-type",
      message: `the value has the type ${quote(value.signature)}, not "${type.signature}"`,
    };
  return findValueProblem(type, value.value);
}

/** Returns how a value contradicts the named types in its type, although its signature is correct. */
export function findValueProblem(type: Type, value: unknown): ValueProblem | undefined {
  for (const part of namedPartsOf(type, value)) {
    const problem = part.kind === "enum" ? findEnumProblem(part.type, part.value) : findKeyProblem(part);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** Returns a message about the keys of a value that no dictionary declares, or undefined if all are declared. */
export function describeUndeclaredKeys(type: Type, value: unknown): string | undefined {
  const undeclared = new Map<string, Set<string>>();
  for (const part of namedPartsOf(type, value)) {
    if (part.kind === "enum") continue;
    const { dictionary, name } = part;
    for (const [key] of entriesOf(part.value)) {
      if (typeof key !== "string" || (dictionary !== undefined && keyOf(dictionary, key) !== undefined)) continue;
      undeclared.set(name, (undeclared.get(name) ?? new Set()).add(key));
    }
  }
  if (undeclared.size === 0) return undefined;
  return [...undeclared]
    .map(([name, keys]) => `no spec declares these keys of ${name}: ${listing([...keys])}`)
    .join("; ");
}

/** A part of a value that has an enum or a declared dictionary as its type. */
type NamedPart = { readonly kind: "enum"; readonly type: EnumType; readonly value: unknown } | DictionaryPart;

interface DictionaryPart {
  readonly kind: "dictionary";
  readonly name: string;
  /** The declared dictionary; undefined if the value selects no case of a choice. */
  readonly dictionary: DictionaryType | undefined;
  readonly value: unknown;
}

/** Finds the parts of a plain value whose types are enums or declared dictionaries. */
function* namedPartsOf(type: Type, value: unknown): Iterable<NamedPart> {
  switch (type.kind) {
    case "array":
      if (Array.isArray(value)) for (const item of value) yield* namedPartsOf(type.element, item);
      break;
    case "dict":
      for (const [key, item] of entriesOf(value)) {
        yield* namedPartsOf(type.key, key);
        yield* namedPartsOf(type.value, item);
      }
      break;
    case "struct":
      yield* fieldPartsOf(type.fields, value);
      break;
    case "named":
      yield* partsOfNamed(type.type, value);
  }
}

function* partsOfNamed(type: NamedType, value: unknown): Iterable<NamedPart> {
  switch (type.kind) {
    case "simple":
      yield* namedPartsOf(type.type, value);
      break;
    case "enum":
      yield { kind: "enum", type, value };
      break;
    case "struct":
      yield* fieldPartsOf(
        type.members.map((member) => member.type),
        value,
      );
      break;
    case "mapping":
      for (const [key, item] of entriesOf(value)) {
        yield* namedPartsOf(type.key.type, key);
        yield* namedPartsOf(type.value.type, item);
      }
      break;
    case "dictionary":
      yield* partsOfDictionary(type.name, type, value);
      break;
    case "choice":
      if (type.fields === undefined) yield* partsOfDictionary(type.name, selectCase(type, value), value);
      else if (Array.isArray(value))
        yield* partsOfDictionary(type.name, type.cases.find(({ name }) => name === value[0])?.type, value[1]);
  }
}

function* fieldPartsOf(fields: readonly Type[], value: unknown): Iterable<NamedPart> {
  if (!Array.isArray(value)) return;
  for (const [index, field] of fields.entries()) yield* namedPartsOf(field, value[index]);
}

function* partsOfDictionary(name: string, dictionary: DictionaryType | undefined, value: unknown): Iterable<NamedPart> {
  yield { kind: "dictionary", name: dictionary?.name ?? name, dictionary, value };
  if (dictionary === undefined) return;
  for (const [key, item] of entriesOf(value)) {
    const declared = keyOf(dictionary, String(key));
    if (declared === undefined) continue;
    if (dictionary.value.kind !== "variant") yield* namedPartsOf(declared.type, item);
    else if (item instanceof Variant && item.signature === declared.type.signature)
      yield* namedPartsOf(declared.type, item.value);
  }
}

/** Returns the dictionary that the key of a choice selects, or undefined. */
function selectCase({ key, cases }: ChoiceType, value: unknown): DictionaryType | undefined {
  const selector = entriesOf(value).find(([name]) => name === key)?.[1];
  return cases.find(({ name }) => selector instanceof Variant && selector.value === name)?.type;
}

function entriesOf(value: unknown): readonly (readonly [key: unknown, value: unknown])[] {
  if (value instanceof Map) return [...value];
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}

function findEnumProblem({ name, values }: EnumType, value: unknown): ValueProblem | undefined {
  if (values.length === 0 || values.some((member) => String(member.value) === String(value))) return undefined;
  return { check: "value-enum", message: `${quote(String(value))} is not a value of ${name}` };
}

function findKeyProblem({ dictionary, name, value }: DictionaryPart): ValueProblem | undefined {
  if (dictionary === undefined || dictionary.value.kind !== "variant") return undefined;
  for (const [key, item] of entriesOf(value)) {
    const declared = keyOf(dictionary, String(key));
    if (declared === undefined || !(item instanceof Variant) || item.signature === declared.type.signature) continue;
    const message = `the key ${shorten(String(key))} of ${name} has the type ${quote(item.signature)}, not "${declared.type.signature}"`;
    return { check: "value-keys", message };
  }
  return undefined;
}
