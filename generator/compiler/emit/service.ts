import type { InterfaceNames, Names } from "../names/identifiers.ts";
import { INCOMING_PARAMETER } from "../names/reserved.ts";
import type { Interface, Method } from "../resolve/ir.ts";
import { typeArguments } from "./client.ts";
import { methodDoc, sentenceDoc, summaryDoc } from "./doc-comments.ts";
import { type ClassDeclaration, type MethodModel, runtimeType, runtimeValue } from "./file-model.ts";
import type { TypeEmitter } from "./type-emitter.ts";

/**
 * Returns the class that serves an interface: one abstract method for each D-Bus method.
 *
 * @param hasClient - Whether the module also has the client, whose methods have the complete documentation.
 */
export function emitService(
  iface: Interface,
  ifaceNames: InterfaceNames,
  names: Names,
  types: TypeEmitter,
  hasClient: boolean,
): ClassDeclaration {
  const hasProperties = iface.properties.length > 0;
  return {
    kind: "class",
    name: ifaceNames.service,
    doc: sentenceDoc(`Base class of services of {@link ${ifaceNames.contract}}.`, iface.doc),
    isAbstract: true,
    extends: [runtimeValue("Service"), typeArguments(iface, ifaceNames)],
    statics: [],
    members: [
      {
        name: "constructor",
        parameters: hasProperties ? [{ name: "properties", type: ifaceNames.properties }] : [],
        body: `super(${ifaceNames.contract}, ${hasProperties ? "properties" : "{}"});`,
      },
      ...iface.methods.map((method) => emitHandler(method, names, types, hasClient ? ifaceNames.client : undefined)),
    ],
  };
}

/**
 * Returns the abstract method by which a service handles a D-Bus method.
 *
 * @param client - Class whose method has the complete documentation.
 */
function emitHandler(method: Method, names: Names, types: TypeEmitter, client: string | undefined): MethodModel {
  const name = names.member(method);
  const doc = client === undefined ? methodDoc(method, names) : summaryDoc(method, names, `${client}.${name}`);
  return {
    name,
    ...(doc && { doc }),
    parameters: [
      ...method.in.map((arg) => ({ name: names.argument(arg), type: types.type(arg.type) })),
      { name: INCOMING_PARAMETER, type: runtimeType("Incoming") },
    ],
    returns: [runtimeType("MaybePromise"), "<", types.result(method.out), ">"],
  };
}
