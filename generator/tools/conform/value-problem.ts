import { Variant } from "@dbus-codegen-ts/runtime";
import type { DictionaryType, EnumType, Property, Type } from "../../compiler/resolve/ir.ts";
import { type CheckName, quote } from "./report.ts";

/** A problem of a property value, with the check that it fails. */
export interface ValueProblem {
  readonly check: CheckName;
  readonly message: string;
}

/** Returns how a value from the service contradicts the type of a property, or undefined if it does not. */
export function findValueProblem({ type }: Property, value: unknown): ValueProblem | undefined {
  if (!(value instanceof Variant)) return { check: "value-type", message: "the value is not a variant" };
  if (value.signature !== type.signature)
    return {
      check: "value-type",
      message: `the value has the type ${quote(value.signature)}, not "${type.signature}"`,
    };
  return findNamedTypeProblem(type, value.value);
}

/** Returns how a value contradicts a named type, although its signature is correct. */
function findNamedTypeProblem(type: Type, value: unknown): ValueProblem | undefined {
  if (type.kind !== "named") return undefined;
  switch (type.type.kind) {
    case "enum":
      return findEnumProblem(type.type, value);
    case "dictionary":
      return findKeyProblem(type.type, value);
    case "simple":
      return findNamedTypeProblem(type.type.type, value);
    default:
      return undefined;
  }
}

function findEnumProblem({ name, values }: EnumType, value: unknown): ValueProblem | undefined {
  if (values.length === 0 || values.some((member) => String(member.value) === String(value))) return undefined;
  return { check: "value-enum", message: `${quote(String(value))} is not a value of ${name}` };
}

function findKeyProblem({ entries, name }: DictionaryType, dictionary: unknown): ValueProblem | undefined {
  for (const { name: key, type } of entries) {
    const value: unknown = Reflect.get(Object(dictionary), key);
    if (!(value instanceof Variant) || value.signature === type.signature) continue;
    const message = `the key ${key} of ${name} has the type ${quote(value.signature)}, not "${type.signature}"`;
    return { check: "value-keys", message };
  }
  return undefined;
}
