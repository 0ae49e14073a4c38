import { Properties } from "@dbus-codegen-ts/runtime/standard/org.freedesktop.DBus.Properties";
import type { Interface, Method, Property, Signal } from "../../compiler/resolve/ir.ts";
import { shellWord } from "../../compiler/text/escape.ts";
import { type Examples, isValidInShell } from "./example.ts";
import { busctlWords, gvariantText } from "./example-text.ts";
import { DESTINATION, PATH, type Placeholder, type Snippet, type SnippetPart } from "./snippet.ts";

const BUSCTL_BUS: Placeholder = { placeholder: "bus", text: "--user", system: "--system" };
const GDBUS_BUS: Placeholder = { placeholder: "bus", text: "--session", system: "--system" };

/** Returns commands that introspect an object. */
export function interfaceCommands({ name }: Interface): readonly Snippet[] {
  return [
    shell("busctl", busctl("introspect", [], name)),
    shell("gdbus", ["gdbus introspect ", GDBUS_BUS, ...gdbusTarget()]),
  ];
}

/** Returns commands that call a method. The result is empty if it takes a file descriptor. */
export function methodCommands(iface: Interface, method: Method, examples: Examples): readonly Snippet[] {
  const signature = method.in.map(({ type }) => type.signature).join("");
  if (!isValidInShell(signature)) return [];
  const given = method.in.map((arg) => examples.of(arg.type, arg.name));
  const words = given.flatMap(busctlWords);
  const rest = [iface.name, method.name, ...(signature === "" ? [] : [signature, ...words])];
  return [
    shell("busctl", busctl("call", words, ...rest)),
    shell("gdbus", gdbusCall(`${iface.name}.${method.name}`, given.map(gvariantText))),
  ];
}

/** Returns commands that print a signal when it is received. */
export function signalCommands(iface: Interface, signal: Signal): readonly Snippet[] {
  const match = `type='signal',interface='${iface.name}',member='${signal.name}'`;
  return [
    shell("busctl", ["busctl ", BUSCTL_BUS, ` monitor --match ${shellWord(match)}`]),
    shell("gdbus", ["gdbus monitor ", GDBUS_BUS, ...gdbusTarget()]),
  ];
}

/** Returns commands that read and set a property, as far as its access allows. */
export function propertyCommands(iface: Interface, property: Property, examples: Examples): readonly Snippet[] {
  const { name, access, type } = property;
  const value = examples.of(type, name);
  const words = busctlWords(value);
  const lines: { readonly busctl: readonly SnippetPart[]; readonly gdbus: readonly SnippetPart[] }[] = [];
  if (access !== "write")
    lines.push({
      busctl: busctl("get-property", [], iface.name, name),
      gdbus: gdbusCall(`${Properties.name}.Get`, [iface.name, name]),
    });
  if (access !== "read" && isValidInShell(type.signature))
    lines.push({
      busctl: busctl("set-property", words, iface.name, name, type.signature, ...words),
      gdbus: gdbusCall(`${Properties.name}.Set`, [iface.name, name, `<${gvariantText(value)}>`]),
    });
  if (lines.length === 0) return [];
  return [shell("busctl", ...lines.map((line) => line.busctl)), shell("gdbus", ...lines.map((line) => line.gdbus))];
}

/** @param values - Words that may look like options. */
function busctl(verb: string, values: readonly string[], ...rest: readonly string[]): readonly SnippetPart[] {
  const dashes = values.some((word) => word.startsWith("-")) ? " --" : "";
  return ["busctl ", BUSCTL_BUS, `${dashes} ${verb} `, DESTINATION, " ", PATH, ` ${rest.map(shellWord).join(" ")}`];
}

function gdbusCall(method: string, values: readonly string[]): readonly SnippetPart[] {
  const words = values.map((value) => ` ${shellWord(value)}`).join("");
  const dashes = values.some((value) => value.startsWith("-")) ? " --" : "";
  return ["gdbus call ", GDBUS_BUS, ...gdbusTarget(), ` --method ${method}${dashes}`, words];
}

function gdbusTarget(): readonly SnippetPart[] {
  return [" --dest ", DESTINATION, " --object-path ", PATH];
}

function shell(kind: "busctl" | "gdbus", ...lines: readonly (readonly SnippetPart[])[]): Snippet {
  const body = lines.flatMap((line, index) => (index === 0 ? line : ["\n", ...line]));
  return { kind, language: "sh", imports: [], body };
}
