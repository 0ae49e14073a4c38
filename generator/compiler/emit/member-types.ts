import type { Names } from "../names/identifiers.ts";
import type { Interface } from "../resolve/ir.ts";
import { argumentTags, docOf, sentenceDoc } from "./doc-comments.ts";
import type { FieldModel, InterfaceDeclaration } from "./file-model.ts";
import type { TypeEmitter } from "./type-emitter.ts";

/** Returns the type of the property values of an interface; no declaration if it has no properties. */
export function emitProperties(iface: Interface, names: Names, types: TypeEmitter): readonly InterfaceDeclaration[] {
  const { properties, contract } = names.interface(iface);
  const members = iface.properties.map((property): FieldModel => {
    const doc = docOf(property.doc);
    return {
      name: names.member(property),
      ...(doc && { doc }),
      type: types.type(property.type),
      isReadonly: property.access === "read",
      isOptional: false,
    };
  });
  return membersInterface(properties, `Values of the properties of {@link ${contract}}.`, members);
}

/** Returns the type of the signal arguments of an interface; no declaration if it has no signals. */
export function emitSignals(iface: Interface, names: Names, types: TypeEmitter): readonly InterfaceDeclaration[] {
  const { signals, contract } = names.interface(iface);
  const members = iface.signals.map((signal): FieldModel => {
    const doc = docOf(signal.doc, argumentTags(signal.args, names));
    return {
      name: names.member(signal),
      ...(doc && { doc }),
      type: types.tuple(signal.args),
      isReadonly: false,
      isOptional: false,
    };
  });
  return membersInterface(signals, `Arguments of the signals of {@link ${contract}}.`, members);
}

function membersInterface(
  name: string,
  sentence: string,
  members: readonly FieldModel[],
): readonly InterfaceDeclaration[] {
  return members.length === 0 ? [] : [{ kind: "interface", name, doc: sentenceDoc(sentence), members }];
}
