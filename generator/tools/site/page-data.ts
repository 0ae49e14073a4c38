import type { Ir, Type } from "../../compiler/resolve/ir.ts";
import { escapeScript } from "../../compiler/text/escape.ts";
import { SCRIPT_MARKER } from "./asset-names.ts";
import { describeType, namedPart } from "./describe-type.ts";
import { PHRASES } from "./snippet-phrases.ts";

/** Returns the script with what all pages share: the phrases of snippets, and the descriptions of plain types. */
export function pageData(ir: Ir): string {
  const descriptions = Object.fromEntries(
    [...typesOf(ir)]
      .filter((type) => namedPart(type) === undefined)
      .map((type) => [type.signature, describeType(type)]),
  );
  return `${SCRIPT_MARKER}
globalThis.dbusDocsPhrases = ${escapeScript(PHRASES)};
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
