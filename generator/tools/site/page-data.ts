import type { Ir, Type } from "../../compiler/resolve/ir.ts";
import { escapeScript } from "../../compiler/text/escape.ts";
import { describeType, namedPart } from "./describe-type.ts";
import { RUNTIME_TYPES, TYPES_PAGE } from "./runtime-types.ts";
import type { SharedRows } from "./shared-rows.ts";
import { PHRASES } from "./snippet-phrases.ts";

/**
 * Returns the part of a script with what all pages share: snippets, their phrases, types of the
 * runtime, and descriptions of plain types.
 */
export function pageData(ir: Ir, { rows }: SharedRows): string {
  const descriptions = Object.fromEntries(
    [...typesOf(ir)]
      .filter((type) => namedPart(type) === undefined)
      .map((type) => [type.signature, describeType(type)]),
  );
  return `globalThis.dbusDocsPhrases = ${escapeScript(PHRASES)};
globalThis.dbusDocsSnippetRows = ${escapeScript(rows)};
globalThis.dbusDocsRuntimeTypes = ${escapeScript([TYPES_PAGE, ...RUNTIME_TYPES.map(([name]) => name)])};
globalThis.dbusDocsTypes = ${escapeScript(descriptions)};
`;
}

/** Returns the types in the declarations of members. */
function* typesOf({ interfaces }: Ir): Iterable<Type> {
  for (const { methods, signals, properties } of interfaces) {
    for (const method of methods) for (const arg of [...method.in, ...method.out]) yield arg.type;
    for (const signal of signals) for (const arg of signal.args) yield arg.type;
    for (const property of properties) yield property.type;
  }
}
