import type { Names } from "../names/identifiers.ts";
import { objectKey, stringLiteral, templateType } from "../print/escape.ts";
import type { ChoiceType, DictionaryType, EnumType, NamedType, StructNamedType } from "../resolve/ir.ts";
import { keysOf } from "../resolve/walk.ts";
import { accessTags, docOf, entryTags } from "./doc-comments.ts";
import {
  type Code,
  type Declaration,
  type FieldModel,
  list,
  literal,
  object,
  runtimeType,
  text,
  type Value,
  type ValueField,
} from "./file-model.ts";
import type { TypeEmitter } from "./type-emitter.ts";

/**
 * Returns the declarations of a named type: a type, and a constant of the same name for the values of an enum or the shape of
 * a struct or dictionary.
 */
export function emitNamedType(type: NamedType, names: Names, types: TypeEmitter): readonly Declaration[] {
  const name = names.type(type).name;
  const doc = docOf(type.doc, type.kind === "dictionary" ? accessTags(type, names) : []);
  const documented = doc && { doc };
  switch (type.kind) {
    case "simple":
      return [
        {
          kind: "type",
          name,
          ...documented,
          type: types.hasCases(type) ? types.type(type.type) : branded(types.type(type.type), type.signature, name),
        },
      ];
    case "mapping": {
      const { key, value } = type;
      const signature = `a{${key.type.signature}${value.type.signature}}`;
      return [
        {
          kind: "type",
          name,
          ...documented,
          type: types.type({ kind: "dict", key: key.type, value: value.type, signature }),
        },
      ];
    }
    case "enum":
    case "flags":
      return [
        { kind: "const", name, ...documented, value: valuesOf(type, names) },
        type.kind === "enum" && type.values.length > 0
          ? { kind: "type", name, type: `(typeof ${name})[keyof typeof ${name}]` }
          : {
              kind: "type",
              name,
              type: branded(types.type({ kind: "basic", code: type.code, signature: type.code }), type.code, name),
            },
      ];
    case "struct":
      return [
        { kind: "interface", name, ...documented, members: structFields(type, names, types) },
        { kind: "const", name, value: structShape(type, names, types) },
      ];
    case "dictionary":
      return [
        {
          kind: "interface",
          name,
          ...documented,
          extends: openDictionary(type, types),
          members: dictionaryFields(type, names, types),
        },
        { kind: "const", name, value: dictionaryShape(type, names, types) },
      ];
    case "choice":
      return [
        { kind: "type", name, ...documented, type: choiceUnion(type, names, types) },
        { kind: "const", name, value: choiceShape(type, names, types) },
      ];
  }
}

/** Returns a branded type for a basic type; other types are returned as they are. */
function branded(type: Code, signature: string, name: string): Code {
  return signature.length === 1 && signature !== "v" ? [runtimeType("Branded"), "<", type, `, "${name}">`] : type;
}

function valuesOf(type: EnumType, names: Names): Value {
  const fields = type.values.map((value): ValueField => {
    const doc = docOf(value.doc);
    const written = typeof value.value === "string" ? text(value.value) : literal(value.value);
    return { name: names.member(value), value: written, ...(doc && { doc }) };
  });
  return { kind: "object", fields };
}

function structFields(type: StructNamedType, names: Names, types: TypeEmitter): readonly FieldModel[] {
  return type.members.map((member) => {
    const doc = docOf(member.doc);
    return {
      name: names.member(member),
      ...(doc && { doc }),
      type: types.type(member.type),
      isReadonly: true,
      isOptional: false,
    };
  });
}

function structShape(type: StructNamedType, names: Names, types: TypeEmitter): Value {
  const fields = type.members.map(
    (member): ValueField => ({
      name: names.member(member),
      value: object({ type: text(member.type.signature), as: types.shapeOf(member.type, type) }),
    }),
  );
  return object({ kind: text("struct"), fields: { kind: "object", fields } });
}

/** Returns the base type of a dictionary, in which entries with undeclared keys are in the member `extra`. */
function openDictionary({ value }: DictionaryType, types: TypeEmitter): Code {
  const base = runtimeType("OpenDictionary");
  return value.kind === "variant" ? base : [base, "<", types.type(value), ">"];
}

function dictionaryFields(type: DictionaryType, names: Names, types: TypeEmitter): readonly FieldModel[] {
  return keysOf(type).map((entry): FieldModel => {
    const doc = docOf(entry.doc, entryTags(entry));
    const value = types.type(entry.type);
    return {
      name: names.member(entry),
      ...(doc && { doc }),
      type: "pattern" in entry ? ["Readonly<Record<", patternType(entry.pattern), ", ", value, ">>"] : value,
      isReadonly: true,
      isOptional: true,
    };
  });
}

/** Returns the type of the keys that match a pattern. */
function patternType(pattern: string): Code {
  const [prefix = "", suffix = ""] = pattern.split("*");
  return pattern === "*" ? "string" : templateType(prefix, suffix);
}

function dictionaryShape(type: DictionaryType, names: Names, types: TypeEmitter): Value {
  const entries = type.entries.map(
    (entry): ValueField => ({
      name: names.member(entry),
      value: object({ key: text(entry.name), type: text(entry.type.signature), as: types.shapeOf(entry.type, type) }),
    }),
  );
  const patterns = type.patterns.map((entry): ValueField => {
    const { pattern, type: value } = entry;
    const shape = { pattern: text(pattern), type: text(value.signature), as: types.shapeOf(value, type) };
    return { name: names.member(entry), value: object(shape) };
  });
  return object({
    kind: text("dictionary"),
    values: type.value.kind === "variant" ? undefined : text(type.value.signature),
    entries: { kind: "object", fields: entries },
    patterns: patterns.length === 0 ? undefined : { kind: "object", fields: patterns },
  });
}

/**
 * Returns the type of a choice: a union that TypeScript narrows by the selecting key. In its last member the key is
 * absent and all entries are in `extra`.
 */
function choiceUnion({ cases, fields }: ChoiceType, names: Names, types: TypeEmitter): Code {
  if (fields !== undefined) return selectedUnion(cases, fields, names, types);
  const selectors = cases.flatMap(({ selector }) => selector ?? []);
  const members = cases.map(({ name, type, selector }): Code => {
    const key = selector === undefined ? "" : objectKey(names.member(selector));
    return ["(", types.reference(type, true), ` & { readonly ${key}: ${stringLiteral(name)} })`];
  });
  const identifiers = new Set(selectors.map((selector) => names.member(selector)));
  const absent = [...identifiers].map((identifier) => `readonly ${objectKey(identifier)}?: undefined`).join("; ");
  return [...members, ["(", runtimeType("OpenDictionary"), ` & { ${absent} })`]].flatMap((member, index) =>
    index === 0 ? [member] : [" | ", member],
  );
}

/**
 * Returns the type of a choice that is a struct: a union that TypeScript narrows by the selecting field. In its last
 * member, for structs that no case selects, the whole struct is the tuple `extra`.
 */
function selectedUnion(
  cases: ChoiceType["cases"],
  { selector, entries }: NonNullable<ChoiceType["fields"]>,
  names: Names,
  types: TypeEmitter,
): Code {
  const [key, value] = [objectKey(names.member(selector)), objectKey(names.member(entries))];
  const members = cases.map(
    ({ name, type }): Code => [
      `{ readonly ${key}: ${stringLiteral(name)}; readonly ${value}: `,
      types.reference(type, true),
      "; readonly extra?: undefined } | ",
    ],
  );
  const other = `{ readonly ${key}?: undefined; readonly extra: readonly [string, Readonly<Record<string, `;
  return [...members, other, runtimeType("Variant"), ">>] }"];
}

function choiceShape(type: ChoiceType, names: Names, types: TypeEmitter): Value {
  const cases = type.cases.map((choiceCase) =>
    object({ value: text(choiceCase.name), as: types.caseShape(choiceCase, type) }),
  );
  const { key, fields } = type;
  if (fields === undefined) return object({ kind: text("choice"), key: text(key), cases: list(cases) });
  const { selector, entries } = fields;
  return object({
    kind: text("selected"),
    key: text(names.member(selector)),
    entries: text(names.member(entries)),
    cases: list(cases),
  });
}
