import { sentenceDoc } from "../../compiler/emit/docs.ts";
import {
  type ClassDeclaration,
  type Code,
  type MethodModel,
  runtimeType,
  runtimeValue,
} from "../../compiler/emit/model.ts";
import { INCOMING_PARAMETER } from "../../compiler/names/reserved.ts";
import { objectKey } from "../../compiler/print/escape.ts";
import { layout } from "../../compiler/print/layout.ts";
import type { Method } from "../../compiler/resolve/ir.ts";
import { EmptyValues } from "./empty-value.ts";
import { exportOf, type Served } from "./served.ts";

/** The editable class that serves an interface: every method answers, with values as empty as their types allow. */
export function serviceClass(served: Served): string {
  const { one, own, className } = served;
  const declaration: ClassDeclaration = {
    kind: "class",
    name: className,
    doc: sentenceDoc(`Serves \`${one.name}\`. Methods may be async; a DBusError that one throws is its answer.`),
    isAbstract: false,
    extends: exportOf(own.module, own.service),
    statics: [],
    members: [...constructorOf(served), ...one.methods.map((method) => handler(method, served))],
  };
  const text = withoutHeader(layout({ path: "service.ts", from: "", declarations: [declaration] }, ".js"));
  return text.includes(OPEN_FILE) ? `import { openSync } from "node:fs";\n${text}` : text;
}

/** A property of a file descriptor has to hold an open one. */
const OPEN_FILE = 'openSync("/dev/null", "r")';

/** The words of a generated file, which this one is not: people change it, and it is written once. */
function withoutHeader(text: string): string {
  return text.slice(text.indexOf("\n\n") + 2);
}

function constructorOf({ one, names, types }: Served): readonly MethodModel[] {
  if (one.properties.length === 0) return [];
  const values = new EmptyValues(names, types, OPEN_FILE);
  const items = one.properties.map(
    (property): Code => [`${objectKey(names.member(property))}: `, values.of(property.type) ?? ""],
  );
  return [{ name: "constructor", parameters: [], body: ["super(", { open: "{ ", items, close: " }" }, ");"] }];
}

function handler(method: Method, { names, types, values }: Served): MethodModel {
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

function bodyOf({ out }: Method, values: Served["values"]): Code {
  if (out.length === 0) return "// Nothing happens yet.";
  const value = values.ofResult(out);
  if (value !== undefined) return ["return ", value, ";"];
  return ["throw new ", runtimeValue("NotSupportedError"), '("there is no file descriptor to give");'];
}
