import type { Names } from "../names/identifiers.ts";
import type { DictionaryType, EnumType, NamedType, StructNamedType } from "../resolve/ir.ts";
import { accessTags, docOf, entryTags } from "./doc-comments.ts";
import {
  type Code,
  type Declaration,
  type FieldModel,
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
        { kind: "const", name, value: structShape(type, names, types), satisfies: runtimeType("StructShape") },
      ];
    case "dictionary":
      return [
        {
          kind: "interface",
          name,
          ...documented,
          extends: runtimeType("OpenDictionary"),
          members: dictionaryFields(type, names, types),
        },
        { kind: "const", name, value: dictionaryShape(type, names, types), satisfies: runtimeType("DictionaryShape") },
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

function dictionaryFields(type: DictionaryType, names: Names, types: TypeEmitter): readonly FieldModel[] {
  return type.entries.map((entry): FieldModel => {
    const doc = docOf(entry.doc, entryTags(entry));
    return {
      name: names.member(entry),
      ...(doc && { doc }),
      type: types.type(entry.type),
      isReadonly: true,
      isOptional: true,
    };
  });
}

function dictionaryShape(type: DictionaryType, names: Names, types: TypeEmitter): Value {
  const fields = type.entries.map(
    (entry): ValueField => ({
      name: names.member(entry),
      value: object({ key: text(entry.name), type: text(entry.type.signature), as: types.shapeOf(entry.type, type) }),
    }),
  );
  return object({ kind: text("dictionary"), entries: { kind: "object", fields } });
}
