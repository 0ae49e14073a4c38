import type { Names } from "../../compiler/names/identifiers.ts";
import type {
  ChoiceType,
  DictionaryType,
  Entry,
  EnumMember,
  EnumType,
  Member,
  NamedType,
  StructNamedType,
  Type,
} from "../../compiler/resolve/ir.ts";

/** An example value of a type, independent of the language in which it is written. */
export type Example =
  | { readonly kind: "number" | "bigint"; readonly code: string; readonly value: number }
  | { readonly kind: "boolean" }
  | { readonly kind: "text"; readonly code: "s" | "o" | "g"; readonly value: string }
  | { readonly kind: "descriptor" }
  | { readonly kind: "bytes" }
  | { readonly kind: "variant"; readonly signature: string; readonly of: Example }
  | { readonly kind: "array"; readonly signature: string; readonly items: readonly Example[] }
  | {
      readonly kind: "dict";
      readonly signature: string;
      readonly isRecord: boolean;
      readonly key: Example;
      readonly value: Example;
    }
  | { readonly kind: "tuple"; readonly fields: readonly Example[] }
  | { readonly kind: "enum"; readonly type: EnumType; readonly member: EnumMember; readonly name: string }
  | { readonly kind: "struct"; readonly fields: readonly ExampleField[] }
  | {
      readonly kind: "dictionary";
      /** Signature of the dictionary. Values are written as variants only for `a{sv}`. */
      readonly signature: string;
      readonly entries: readonly (ExampleField & { readonly key: string; readonly signature: string })[];
    };

interface ExampleField {
  /** Identifier in TypeScript. */
  readonly name: string;
  readonly value: Example;
}

/** The side that provides a value. Dictionary keys that only the other side provides are omitted. */
export type Provider = "client" | "service";

/** Maximum depth of nested containers. Deeper ones are empty, because a dictionary may contain itself. */
const MAX_DEPTH = 3;

/** A source of example values: the first value of an enum, for a string the name of the value. */
export class Examples {
  readonly #names: Names;
  readonly #giver: Provider;

  constructor(names: Names, giver: Provider) {
    this.#names = names;
    this.#giver = giver;
  }

  /**
   * Returns an example value of a type.
   *
   * @param name - Name of the argument or property. Strings contain it.
   */
  of(type: Type, name: string, depth = 0): Example {
    switch (type.kind) {
      case "basic":
        return basic(type.code, name);
      case "variant":
        return { kind: "variant", signature: "s", of: { kind: "text", code: "s", value: plainWord(name) } };
      case "array": {
        if (type.signature === "ay") return { kind: "bytes" };
        const items = depth >= MAX_DEPTH ? [] : [this.of(type.element, name, depth + 1)];
        return { kind: "array", signature: type.signature, items };
      }
      case "dict":
        return this.#dict(type.signature, type.key, type.value, ["key", name], depth);
      case "struct":
        return { kind: "tuple", fields: type.fields.map((field) => this.of(field, name, depth + 1)) };
      case "named":
        return this.#named(type.type, name, depth);
    }
  }

  #dict(signature: string, key: Type, value: Type, names: readonly [string, string], depth: number): Example {
    if (depth >= MAX_DEPTH) return { kind: "array", signature, items: [] };
    return {
      kind: "dict",
      signature,
      isRecord: key.signature === "s",
      key: this.of(key, names[0], depth + 1),
      value: this.of(value, names[1], depth + 1),
    };
  }

  #named(type: NamedType, name: string, depth: number): Example {
    switch (type.kind) {
      case "simple":
        return this.of(type.type, name, depth);
      case "enum":
      case "flags":
        return this.#enum(type, name);
      case "struct":
        return { kind: "struct", fields: this.#fields(type, depth) };
      case "mapping": {
        const { key, value } = type;
        return this.#dict(type.signature, key.type, value.type, [key.name, value.name], depth);
      }
      case "dictionary":
        return {
          kind: "dictionary",
          signature: type.signature,
          entries: depth >= MAX_DEPTH ? [] : this.#entries(type, depth),
        };
      case "choice":
        return type.fields === undefined
          ? { kind: "dictionary", signature: type.signature, entries: this.#firstCase(type) }
          : { kind: "struct", fields: this.#firstStruct(type, type.fields, depth) };
    }
  }

  /** Returns the first value that a shell command does not interpret as a flag. */
  #enum(type: EnumType, name: string): Example {
    const member = exampleMember(type);
    if (member === undefined) return basic(type.code, name);
    return { kind: "enum", type, member, name: this.#names.member(member) };
  }

  #fields(type: StructNamedType, depth: number): readonly ExampleField[] {
    return type.members.map((member) => this.#field(member, depth));
  }

  #entries(type: DictionaryType, depth: number): Extract<Example, { kind: "dictionary" }>["entries"] {
    const entry = type.entries.find((candidate) => this.#canProvide(candidate));
    if (entry === undefined) return [];
    return [{ key: entry.name, signature: entry.type.signature, ...this.#field(entry, depth) }];
  }

  /** Returns the selecting key of the first case. */
  #firstCase({ cases: [first] }: ChoiceType): Extract<Example, { kind: "dictionary" }>["entries"] {
    if (first?.selector === undefined) return [];
    const { name: key, type } = first.selector;
    const value: Example = { kind: "text", code: "s", value: first.name };
    return [{ key, signature: type.signature, name: this.#names.member(first.selector), value }];
  }

  /** Returns the fields of the first case of a choice that is a struct. */
  #firstStruct(
    { cases: [first] }: ChoiceType,
    { selector, entries }: NonNullable<ChoiceType["fields"]>,
    depth: number,
  ): readonly ExampleField[] {
    if (first === undefined) return [];
    return [
      { name: this.#names.member(selector), value: { kind: "text", code: "s", value: first.name } },
      { name: this.#names.member(entries), value: this.#named(first.type, entries.name, depth + 1) },
    ];
  }

  #canProvide({ access = "read" }: Entry): boolean {
    return this.#giver === "client" ? access !== "read" : access !== "write";
  }

  #field(member: Member | Entry, depth: number): ExampleField {
    return {
      name: this.#names.member(member),
      value: this.of(member.type, member.name, depth + 1),
    };
  }
}

const EXAMPLE_MEMBERS = new WeakMap<EnumType, EnumMember>();

/**
 * Returns the value of an enum for examples. The value is stored, because an enum can have many uses and many values.
 */
function exampleMember(type: EnumType): EnumMember | undefined {
  const isPlain = ({ value }: EnumMember): boolean => (typeof value === "string" ? /^[\w*]/.test(value) : value >= 0);
  const member = EXAMPLE_MEMBERS.get(type) ?? type.values.find(isPlain) ?? type.values[0];
  if (member !== undefined) EXAMPLE_MEMBERS.set(type, member);
  return member;
}

function basic(code: string, name: string): Example {
  switch (code) {
    case "b":
      return { kind: "boolean" };
    case "s":
      return { kind: "text", code, value: plainWord(name) };
    case "o":
      return { kind: "text", code, value: "/object/path" };
    case "g":
      return { kind: "text", code, value: "s" };
    case "h":
      return { kind: "descriptor" };
    case "x":
    case "t":
      return { kind: "bigint", code, value: 1 };
    default:
      return { kind: "number", code, value: code === "d" ? 0.5 : 1 };
  }
}

/** Returns an example string for a name. Names in specs can contain any characters. */
function plainWord(name: string): string {
  const word = name.slice(Math.max(name.lastIndexOf("/"), name.lastIndexOf(".")) + 1);
  return /^[A-Za-z][\w-]{0,60}$/.test(word) ? word.toLowerCase().replaceAll("_", "-") : "text";
}

/** Returns whether a shell command can contain a value of a signature. File descriptors are not possible. */
export function isValidInShell(signature: string): boolean {
  return !signature.includes("h");
}
