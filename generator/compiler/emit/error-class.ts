import type { Names } from "../names/identifiers.ts";
import type { ErrorDefinition } from "../resolve/ir.ts";
import { docOrSentence } from "./doc-comments.ts";
import { type ClassDeclaration, runtimeValue, text } from "./file-model.ts";

/** Returns the class of an error name. Handlers throw instances of the class; clients receive them. */
export function emitError(error: ErrorDefinition, names: Names): ClassDeclaration {
  return {
    kind: "class",
    name: names.error(error).name,
    doc: docOrSentence(error.doc, `The error \`${error.name}\`.`),
    isAbstract: false,
    extends: runtimeValue("NamedDBusError"),
    statics: [{ name: "errorName", value: text(error.name) }],
    members: [],
  };
}
