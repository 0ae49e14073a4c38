import type { InterfaceNames, Names } from "../names/identifiers.ts";
import { CALL_PARAMETER } from "../names/reserved.ts";
import type { Interface, Method } from "../resolve/ir.ts";
import { methodDoc, sentenceDoc } from "./doc-comments.ts";
import { type ClassDeclaration, type Code, type MethodModel, runtimeType, runtimeValue } from "./file-model.ts";
import type { TypeEmitter } from "./type-emitter.ts";

/** Returns the class that calls an interface of a remote object: one method of one statement for each D-Bus method. */
export function emitClient(
  iface: Interface,
  ifaceNames: InterfaceNames,
  names: Names,
  types: TypeEmitter,
): ClassDeclaration {
  return {
    kind: "class",
    name: ifaceNames.client,
    doc: sentenceDoc(`Client of {@link ${ifaceNames.contract}}.`, iface.doc),
    isAbstract: false,
    extends: [runtimeValue("Client"), typeArguments(iface, ifaceNames)],
    statics: [],
    members: [
      {
        name: "constructor",
        parameters: [
          { name: "bus", type: runtimeType("Bus") },
          { name: "target", type: runtimeType("Target") },
        ],
        body: `super(${ifaceNames.contract}, bus, target);`,
      },
      ...iface.methods.map((method) => emitMethod(method, ifaceNames, names, types)),
    ],
  };
}

/**
 * Returns the type arguments of the base class: the contract, then the interfaces of the properties and of the signals,
 * if there are any.
 */
export function typeArguments({ properties, signals }: Interface, ifaceNames: InterfaceNames): Code {
  const items = [`typeof ${ifaceNames.contract}`];
  if (properties.length > 0 || signals.length > 0) items.push(properties.length > 0 ? ifaceNames.properties : "object");
  if (signals.length > 0) items.push(ifaceNames.signals);
  return { open: "<", items, close: ">", isStrict: true };
}

function emitMethod(method: Method, { contract }: InterfaceNames, names: Names, types: TypeEmitter): MethodModel {
  const name = names.member(method);
  const doc = methodDoc(method, names);
  const args = method.in.map((arg) => names.argument(arg));
  return {
    name,
    ...(doc && { doc }),
    parameters: [
      ...method.in.map((arg) => ({ name: names.argument(arg), type: types.type(arg.type) })),
      { name: CALL_PARAMETER, type: runtimeType("CallOptions"), isOptional: true },
    ],
    returns: ["Promise<", types.result(method.out), ">"],
    body: [
      `return this.$call(${contract}.methods.${name}, `,
      { open: "[", items: args, close: "]" },
      `, ${CALL_PARAMETER});`,
    ],
  };
}
