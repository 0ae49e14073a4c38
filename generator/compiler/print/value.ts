import type { Code, Value, ValueField } from "../emit/file-model.ts";
import { objectKey, stringLiteral } from "./escape.ts";

/** Returns a constant as code, with its texts and keys escaped. */
export function valueCode(value: Value): Code {
  switch (value.kind) {
    case "text":
      return stringLiteral(value.text);
    case "literal":
      return typeof value.value === "bigint" ? `${value.value}n` : String(value.value);
    case "code":
      return value.code;
    case "list":
      return { open: "[", items: value.items.map(valueCode), close: "]" };
    case "object":
      return value.fields.length === 0
        ? "{}"
        : { open: "{ ", items: value.fields.map(fieldCode), close: " }", isExpanded: isTable(value.fields) };
  }
}

function fieldCode({ name, value, doc }: ValueField): Code {
  const code = [`${objectKey(name)}: `, valueCode(value)];
  return doc === undefined ? code : { doc, code };
}

/**
 * Returns whether a constant is a table: an object whose values are two or more objects. Each of these is written on a
 * separate line.
 */
function isTable(fields: readonly ValueField[]): boolean {
  return fields.length > 1 && fields.every(({ value }) => value.kind === "object" && value.fields.length > 0);
}
