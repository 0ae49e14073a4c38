import type { Names } from "../names/identifiers.ts";
import type { Interface } from "../resolve/ir.ts";
import { argumentTags, docOf, leadDoc } from "./docs.ts";
import type { FieldModel, InterfaceDeclaration } from "./model.ts";
import type { TypeEmitter } from "./type-emitter.ts";

/** The values of an interface's properties: what a client reads and writes, and a service holds. */
export function emitProperties(one: Interface, names: Names, types: TypeEmitter): InterfaceDeclaration {
  const members = one.properties.map((property): FieldModel => {
    const doc = docOf(property.doc);
    return {
      name: names.member(property),
      ...(doc && { doc }),
      type: types.type(property.type),
      isReadonly: property.access === "read",
      isOptional: false,
    };
  });
  return namespace(names.interface(one).properties, `Properties of \`${one.name}\`.`, members);
}

/** The arguments of an interface's signals: what a listener receives, and a service emits. */
export function emitSignals(one: Interface, names: Names, types: TypeEmitter): InterfaceDeclaration {
  const members = one.signals.map((signal): FieldModel => {
    const doc = docOf(signal.doc, argumentTags(signal.args, names));
    return {
      name: names.member(signal),
      ...(doc && { doc }),
      type: types.tuple(signal.args),
      isReadonly: false,
      isOptional: false,
    };
  });
  return namespace(names.interface(one).signals, `Signals of \`${one.name}\`, by their arguments.`, members);
}

function namespace(name: string, lead: string, members: readonly FieldModel[]): InterfaceDeclaration {
  return { kind: "interface", name, doc: leadDoc(lead), members };
}
