import { Properties } from "@dbus-codegen-ts/runtime/standard/org.freedesktop.DBus.Properties";
import type { Interface, Method, Property, Signal } from "../../compiler/resolve/ir.ts";
import { shellWord } from "../../compiler/text/escape.ts";
import { type Examples, isWritable } from "./example.ts";
import { busctlWords, gvariantText } from "./example-text.ts";
import { DESTINATION, type Fill, PATH, type Piece, type Snippet } from "./snippet.ts";

const BUSCTL_BUS: Fill = { fill: "bus", text: "--user", system: "--system" };
const GDBUS_BUS: Fill = { fill: "bus", text: "--session", system: "--system" };

/** Command lines that look at an object. */
export function interfaceCommands({ name }: Interface): readonly Snippet[] {
  return [
    shell("busctl", busctl("introspect", [], name)),
    shell("gdbus", ["gdbus introspect ", GDBUS_BUS, ...gdbusTarget()]),
  ];
}

/** Command lines that call a method; none where it takes what a shell cannot give. */
export function methodCommands(one: Interface, method: Method, examples: Examples): readonly Snippet[] {
  const signature = method.in.map(({ type }) => type.signature).join("");
  if (!isWritable(signature)) return [];
  const given = method.in.map((arg) => examples.of(arg.type, arg.name));
  const words = given.flatMap(busctlWords);
  const rest = [one.name, method.name, ...(signature === "" ? [] : [signature, ...words])];
  return [
    shell("busctl", busctl("call", words, ...rest)),
    shell("gdbus", gdbusCall(`${one.name}.${method.name}`, given.map(gvariantText))),
  ];
}

/** Command lines that show a signal when it comes. */
export function signalCommands(one: Interface, signal: Signal): readonly Snippet[] {
  const match = `type='signal',interface='${one.name}',member='${signal.name}'`;
  return [
    shell("busctl", ["busctl ", BUSCTL_BUS, ` monitor --match ${shellWord(match)}`]),
    shell("gdbus", ["gdbus monitor ", GDBUS_BUS, ...gdbusTarget()]),
  ];
}

/** Command lines that read a property and write it, as far as it can be. */
export function propertyCommands(one: Interface, property: Property, examples: Examples): readonly Snippet[] {
  const { name, access, type } = property;
  const value = examples.of(type, name);
  const words = busctlWords(value);
  const lines: { readonly busctl: readonly Piece[]; readonly gdbus: readonly Piece[] }[] = [];
  if (access !== "write")
    lines.push({
      busctl: busctl("get-property", [], one.name, name),
      gdbus: gdbusCall(`${Properties.name}.Get`, [one.name, name]),
    });
  if (access !== "read" && isWritable(type.signature))
    lines.push({
      busctl: busctl("set-property", words, one.name, name, type.signature, ...words),
      gdbus: gdbusCall(`${Properties.name}.Set`, [one.name, name, `<${gvariantText(value)}>`]),
    });
  if (lines.length === 0) return [];
  return [shell("busctl", ...lines.map((line) => line.busctl)), shell("gdbus", ...lines.map((line) => line.gdbus))];
}

/** @param values - Words among which some may look like options. */
function busctl(verb: string, values: readonly string[], ...rest: readonly string[]): readonly Piece[] {
  const dashes = values.some((word) => word.startsWith("-")) ? " --" : "";
  return ["busctl ", BUSCTL_BUS, `${dashes} ${verb} `, DESTINATION, " ", PATH, ` ${rest.map(shellWord).join(" ")}`];
}

function gdbusCall(method: string, values: readonly string[]): readonly Piece[] {
  const words = values.map((value) => ` ${shellWord(value)}`).join("");
  const dashes = values.some((value) => value.startsWith("-")) ? " --" : "";
  return ["gdbus call ", GDBUS_BUS, ...gdbusTarget(), ` --method ${method}${dashes}`, words];
}

function gdbusTarget(): readonly Piece[] {
  return [" --dest ", DESTINATION, " --object-path ", PATH];
}

function shell(kind: "busctl" | "gdbus", ...lines: readonly (readonly Piece[])[]): Snippet {
  const body = lines.flatMap((line, index) => (index === 0 ? line : ["\n", ...line]));
  return { kind, language: "sh", imports: [], body };
}
