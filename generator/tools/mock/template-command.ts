import { Variant } from "@dbus-codegen-ts/runtime";
import { Diagnostics } from "../../compiler/diagnostics/diagnostic.ts";
import type { Interface } from "../../compiler/resolve/ir.ts";
import { nearestWord } from "../../compiler/text/nearest-word.ts";
import { listing } from "../../compiler/text/shorten.ts";
import type { TemplateCommand } from "./template.ts";
import { propertyValues } from "./wire-form.ts";
import { WireValueReader } from "./wire-values.ts";
import { entriesOf, YamlDocument } from "./yaml-document.ts";

/** A command with its arguments, ready to run. */
export interface ParsedCommand {
  readonly command: TemplateCommand;
  readonly args: readonly string[];
  /** Values of properties by key in the contract. */
  readonly properties: Readonly<Record<string, unknown>>;
}

/** Returns the arguments of a command as text, such as `adapter address {properties of org.bluez.Device1}`. */
export function usageOf({ args, contract }: TemplateCommand): string {
  const values = contract === undefined ? [] : [`{properties of ${contract.name}}`];
  return [...args, ...values].join(" ");
}

/**
 * Parses the text of a command: its name, its arguments, and values of properties as a YAML map, such as
 * `addDevice hci0 00:11:22:33:44:55 {Alias: Sensor}`.
 *
 * @returns The command, or a message about the text.
 */
export function parseCommand(
  text: string,
  commands: Readonly<Record<string, TemplateCommand>>,
  interfaces: readonly Interface[],
): ParsedCommand | string {
  const brace = text.indexOf("{");
  const [name = "", ...args] = wordsOf(brace < 0 ? text : text.slice(0, brace));
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) {
    const near = nearestWord(name, Object.keys(commands));
    const hint = near === undefined ? `the commands are ${listing(Object.keys(commands))}` : `did you mean ${near}?`;
    return `"${name}" is not a command of the template; ${hint}`;
  }
  if (args.length !== command.args.length || (brace >= 0 && command.contract === undefined))
    return `the command is ${`${name} ${usageOf(command)}`.trim()}`;
  if (brace < 0 || command.contract === undefined) return { command, args, properties: {} };
  const spec = interfaces.find((iface) => iface.name === command.contract?.name);
  const values = spec === undefined ? `no spec declares ${command.contract.name}` : readValues(text.slice(brace), spec);
  if (typeof values === "string") return values;
  try {
    return { command, args, properties: propertyValues({ contract: command.contract, spec }, values) };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Splits a text into words. A word with spaces is quoted. */
function wordsOf(text: string): readonly string[] {
  return [...text.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, plain]) => double ?? single ?? plain ?? "",
  );
}

/** Reads a YAML map of values of properties. Returns the values, or the message of the first problem. */
function readValues(text: string, spec: Interface): Readonly<Record<string, Variant>> | string {
  const diagnostics = new Diagnostics();
  const document = YamlDocument.parse({ path: "values", content: text }, diagnostics);
  const reader = document && new WireValueReader(document, diagnostics);
  const entries = document === undefined ? undefined : entriesOf(document.resolve(document.root));
  const values: Record<string, Variant> = {};
  for (const { name, value } of entries ?? []) {
    const property = spec.properties.find((candidate) => candidate.name === name);
    if (property === undefined) {
      const near = nearestWord(
        name,
        spec.properties.map((candidate) => candidate.name),
      );
      return `${spec.name} has no property "${name}"${near === undefined ? "" : `; did you mean ${near}?`}`;
    }
    const read = reader?.read(property.type, value, name);
    if (read !== undefined) values[name] = new Variant(property.type.signature, read);
  }
  const [problem] = diagnostics.sorted();
  if (problem !== undefined) return problem.message;
  return entries === undefined ? `${text} is not a map of values` : values;
}
