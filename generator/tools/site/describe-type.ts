import type { NamedType, Type } from "../../compiler/resolve/ir.ts";

/** A named type inside a type, and the array brackets after it, such as `Contact_Handle` and `[]`. */
export interface NamedPart {
  readonly type: NamedType;
  readonly suffix: string;
}

/** Returns the named type that a type is or, for an array, that its items have; undefined for other types. */
export function namedPart(type: Type): NamedPart | undefined {
  if (type.kind === "named") return { type: type.type, suffix: "" };
  const inner = type.kind === "array" ? namedPart(type.element) : undefined;
  return inner && { type: inner.type, suffix: `${inner.suffix}[]` };
}

const BASIC: Readonly<Record<string, string>> = {
  y: "byte",
  b: "boolean",
  n: "16-bit integer",
  q: "unsigned 16-bit integer",
  i: "32-bit integer",
  u: "unsigned 32-bit integer",
  x: "64-bit integer",
  t: "unsigned 64-bit integer",
  d: "double",
  s: "string",
  o: "object path",
  g: "signature",
  h: "file descriptor",
};

/** Describes a type in words, such as "array of (string, variant)". */
export function describeType(type: Type): string {
  switch (type.kind) {
    case "basic":
      return BASIC[type.code] ?? type.code;
    case "variant":
      return "variant";
    case "array":
      return `array of ${describeType(type.element)}`;
    case "dict":
      return `dictionary of ${describeType(type.key)} to ${describeType(type.value)}`;
    case "struct":
      return `(${type.fields.map(describeType).join(", ")})`;
    case "named":
      return namedInWords(type.type);
  }
}

function namedInWords(type: NamedType): string {
  switch (type.kind) {
    case "simple":
      return describeType(type.type);
    case "enum":
    case "flags":
      return BASIC[type.code] ?? type.code;
    case "struct":
      return `(${type.members.map((member) => describeType(member.type)).join(", ")})`;
    case "mapping":
      return `dictionary of ${describeType(type.key.type)} to ${describeType(type.value.type)}`;
    case "dictionary":
      return `dictionary of string to ${describeType(type.value)}`;
    case "choice":
      return type.fields === undefined
        ? "dictionary of string to variant"
        : "(string, dictionary of string to variant)";
  }
}
