import type { InterfaceNames, Names } from "../names/identifiers.ts";
import { INCOMING_PARAMETER } from "../names/reserved.ts";
import type { Interface, Method } from "../resolve/ir.ts";
import { docOf, leadDoc, methodTags } from "./docs.ts";
import { type ClassDeclaration, type MethodModel, runtimeType, runtimeValue } from "./model.ts";
import type { TypeEmitter } from "./type-emitter.ts";

/** The class that serves the interface: an abstract method for each of its methods. */
export function emitService(one: Interface, own: InterfaceNames, names: Names, types: TypeEmitter): ClassDeclaration {
  const hasProperties = one.properties.length > 0;
  const what =
    one.methods.length > 0
      ? "Extend it and implement the abstract methods."
      : "Extend it, or make one for its properties and signals.";
  return {
    kind: "class",
    name: own.service,
    doc: leadDoc(`Serves {@link ${own.contract}}, \`${one.name}\`. ${what}`, one.doc),
    isAbstract: true,
    extends: [
      runtimeValue("Service"),
      { open: "<", items: [`typeof ${own.contract}`, own.properties, own.signals], close: ">", isStrict: true },
    ],
    statics: [],
    members: [
      {
        name: "constructor",
        parameters: hasProperties ? [{ name: "properties", type: own.properties }] : [],
        body: `super(${own.contract}, ${hasProperties ? "properties" : "{}"});`,
      },
      ...one.methods.map((method) => emitHandler(method, names, types)),
    ],
  };
}

function emitHandler(method: Method, names: Names, types: TypeEmitter): MethodModel {
  const doc = docOf(method.doc, methodTags(method, names));
  return {
    name: names.member(method),
    ...(doc && { doc }),
    parameters: [
      ...method.in.map((arg) => ({ name: names.argument(arg), type: types.type(arg.type) })),
      { name: INCOMING_PARAMETER, type: runtimeType("Incoming") },
    ],
    returns: [runtimeType("MaybePromise"), "<", types.result(method.out), ">"],
  };
}
