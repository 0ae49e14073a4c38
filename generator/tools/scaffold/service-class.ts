import { sentenceDoc } from "../../compiler/emit/doc-comments.ts";
import {
  type ClassDeclaration,
  type Code,
  type MethodModel,
  packageValue,
  runtimeType,
  runtimeValue,
} from "../../compiler/emit/file-model.ts";
import { INCOMING_PARAMETER } from "../../compiler/names/reserved.ts";
import { objectKey } from "../../compiler/print/escape.ts";
import { layoutDeclarations } from "../../compiler/print/module-layout.ts";
import type { Method } from "../../compiler/resolve/ir.ts";
import { EmptyValues } from "./empty-value.ts";
import { exportOf, type ServedInterface } from "./served-interface.ts";

/** Returns the editable class that serves an interface. Every method returns a value as empty as its type allows. */
export function serviceClass(served: ServedInterface): string {
  const { iface, ifaceNames, className } = served;
  const sentence = `Serves \`${iface.name}\`. A method may be async. A DBusError that it throws is sent as the error reply.`;
  const declaration: ClassDeclaration = {
    kind: "class",
    name: className,
    doc: sentenceDoc(sentence),
    isAbstract: false,
    extends: exportOf(ifaceNames.module, ifaceNames.service),
    statics: [],
    members: [...constructorOf(served), ...iface.methods.map((method) => handler(method, served))],
  };
  return layoutDeclarations([declaration], { extension: ".js" });
}

/** The value of a property of type `h`, which must be an open file descriptor. */
const OPEN_FILE: Code = [packageValue("node:fs", "openSync"), '("/dev/null", "r")'];

function constructorOf({ iface, names, types }: ServedInterface): readonly MethodModel[] {
  if (iface.properties.length === 0) return [];
  const values = new EmptyValues(names, types, OPEN_FILE);
  const items = iface.properties.map(
    (property): Code => [`${objectKey(names.member(property))}: `, values.of(property.type) ?? ""],
  );
  return [{ name: "constructor", parameters: [], body: ["super(", { open: "{ ", items, close: " }" }, ");"] }];
}

function handler(method: Method, { names, types, values }: ServedInterface): MethodModel {
  return {
    name: names.member(method),
    parameters: [
      ...method.in.map((arg) => ({ name: names.argument(arg), type: types.type(arg.type) })),
      { name: INCOMING_PARAMETER, type: runtimeType("Incoming") },
    ],
    returns: types.result(method.out),
    body: bodyOf(method, values),
  };
}

function bodyOf({ out }: Method, values: ServedInterface["values"]): Code {
  if (out.length === 0) return "// Not implemented yet.";
  const value = values.ofResult(out);
  if (value !== undefined) return ["return ", value, ";"];
  return ["throw new ", runtimeValue("NotSupportedError"), '("there is no file descriptor to give");'];
}
