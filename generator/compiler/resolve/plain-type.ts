import type { Type as Parsed } from "@dbus-codegen-ts/runtime/grammar";
import type { Type } from "./ir.ts";

/** An `a{sv}` without declared keys. */
export const OPEN_DICTIONARY: Type = {
  kind: "dict",
  key: { kind: "basic", code: "s", signature: "s" },
  value: { kind: "variant", signature: "v" },
  signature: "a{sv}",
};

/** Returns the type of a signature, without named types. */
export function plainType(type: Parsed): Type {
  switch (type.kind) {
    case "basic":
    case "variant":
      return type;
    case "array":
      return { kind: "array", element: plainType(type.element), signature: type.signature };
    case "dict":
      return { kind: "dict", key: type.key, value: plainType(type.value), signature: type.signature };
    case "struct":
      return { kind: "struct", fields: type.fields.map(plainType), signature: type.signature };
  }
}
