import type { InterfaceNames, Names } from "../names/identifiers.ts";
import { CALL_PARAMETER } from "../names/reserved.ts";
import type { Interface, Method } from "../resolve/ir.ts";
import { docOf, leadDoc, methodTags } from "./docs.ts";
import { type ClassDeclaration, type MethodModel, runtimeType, runtimeValue } from "./model.ts";
import type { TypeEmitter } from "./type-emitter.ts";

/** The class that calls the interface on a remote object: one method of one statement each. */
export function emitClient(one: Interface, own: InterfaceNames, names: Names, types: TypeEmitter): ClassDeclaration {
  return {
    kind: "class",
    name: own.client,
    doc: leadDoc(`Calls {@link ${own.contract}}, \`${one.name}\`, on a remote object.`, one.doc),
    isAbstract: false,
    extends: [
      runtimeValue("Client"),
      { open: "<", items: [`typeof ${own.contract}`, own.properties, own.signals], close: ">", isStrict: true },
    ],
    statics: [],
    members: [
      {
        name: "constructor",
        parameters: [
          { name: "bus", type: runtimeType("Bus") },
          { name: "target", type: runtimeType("Target") },
        ],
        body: `super(${own.contract}, bus, target);`,
      },
      ...one.methods.map((method) => emitMethod(method, own, names, types)),
    ],
  };
}

function emitMethod(method: Method, own: InterfaceNames, names: Names, types: TypeEmitter): MethodModel {
  const name = names.member(method);
  const doc = docOf(method.doc, methodTags(method, names));
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
      `return this.$call(${own.contract}.methods.${name}, `,
      { open: "[", items: args, close: "]" },
      `, ${CALL_PARAMETER});`,
    ],
  };
}
