import type { Names } from "../names/identifiers.ts";
import type { ErrorDefinition } from "../resolve/ir.ts";
import { docOf } from "./docs.ts";
import { type ClassDeclaration, runtimeValue, text } from "./model.ts";

/** The class of one error name: thrown by a handler it becomes that error, received it is an instance of it. */
export function emitError(error: ErrorDefinition, names: Names): ClassDeclaration {
  const name = names.error(error).name;
  const doc = docOf(error.doc, [], `\`${error.name}\`.`);
  return {
    kind: "class",
    name,
    ...(doc && { doc }),
    isAbstract: false,
    extends: runtimeValue("DBusError"),
    statics: [{ name: "errorName", value: text(error.name) }],
    members: [
      {
        name: "constructor",
        parameters: [
          { name: "message", type: "string" },
          { name: "options", type: "ErrorOptions", isOptional: true },
        ],
        body: `super(${name}.errorName, message, options);`,
      },
    ],
  };
}
