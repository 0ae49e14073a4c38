import { Variant } from "@dbus-codegen-ts/runtime";
import type { DictionaryType, EnumType, Property, Type } from "../../compiler/resolve/ir.ts";
import { type CheckName, quote } from "./report.ts";

/** What is wrong with a value of a property, by the check that says so. */
export interface ValueFault {
  readonly check: CheckName;
  readonly message: string;
}

/** Looks at a value that a service gives for a property; undefined where it is as the spec says. */
export function faultOf({ type }: Property, value: unknown): ValueFault | undefined {
  if (!(value instanceof Variant)) return { check: "value-type", message: "the value is not a variant" };
  if (value.signature !== type.signature)
    return {
      check: "value-type",
      message: `the value has the type ${quote(value.signature)}, not "${type.signature}"`,
    };
  return meaningFault(type, value.value);
}

/** What a named type says beyond its signature. */
function meaningFault(type: Type, value: unknown): ValueFault | undefined {
  if (type.kind !== "named") return undefined;
  switch (type.type.kind) {
    case "enum":
      return enumFault(type.type, value);
    case "dictionary":
      return keysFault(type.type, value);
    case "simple":
      return meaningFault(type.type.type, value);
    default:
      return undefined;
  }
}

function enumFault({ name, values }: EnumType, value: unknown): ValueFault | undefined {
  if (values.length === 0 || values.some((one) => String(one.value) === String(value))) return undefined;
  return { check: "value-enum", message: `${quote(String(value))} is not a value of ${name}` };
}

function keysFault({ entries, name }: DictionaryType, value: unknown): ValueFault | undefined {
  for (const { name: key, type } of entries) {
    const given: unknown = Reflect.get(Object(value), key);
    if (!(given instanceof Variant) || given.signature === type.signature) continue;
    const message = `the key ${key} of ${name} has the type ${quote(given.signature)}, not "${type.signature}"`;
    return { check: "value-keys", message };
  }
  return undefined;
}
