import { compareText } from "../../compiler/diagnostics/diagnostic.ts";
import type { Annotations, Argument, Interface, Method, Property, Signal } from "../../compiler/resolve/ir.ts";

const DOCTYPE = `<!DOCTYPE node PUBLIC "-//freedesktop//DTD D-BUS Object Introspection 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd">
`;

/** Interfaces as one spec in normal form: members by kind and name, one layout, nothing but what is on the wire. */
export function writeSpec(interfaces: readonly Interface[]): string {
  return `${DOCTYPE}<node>\n${interfaces.map(writeInterface).join("")}</node>\n`;
}

/** One interface in normal form: equal texts are equal interfaces. */
export function writeInterface({ name, annotations, methods, signals, properties }: Interface): string {
  const members = [
    ...writeAnnotations(annotations, 4),
    ...sorted(methods, ({ in: inputs }) => signatureOf(inputs)).map(writeMethod),
    ...sorted(signals, ({ args }) => signatureOf(args)).map(writeSignal),
    ...sorted(properties, () => "").map(writeProperty),
  ];
  return element("interface", { name }, members, 2);
}

/** The types of arguments, one after the other. */
export function signatureOf(args: readonly Argument[]): string {
  return args.map(({ type }) => type.signature).join("");
}

function sorted<T extends { readonly name: string }>(members: readonly T[], second: (member: T) => string) {
  return members.toSorted((a, b) => compareText(a.name, b.name) || compareText(second(a), second(b)));
}

function writeMethod({ name, annotations, in: inputs, out }: Method): string {
  const args = [...inputs.map((arg) => writeArgument(arg, "in")), ...out.map((arg) => writeArgument(arg, "out"))];
  return element("method", { name }, [...writeAnnotations(annotations, 6), ...args], 4);
}

function writeSignal({ name, annotations, args }: Signal): string {
  return element(
    "signal",
    { name },
    [...writeAnnotations(annotations, 6), ...args.map((arg) => writeArgument(arg))],
    4,
  );
}

function writeProperty({ name, type, access, annotations }: Property): string {
  return element("property", { name, type: type.signature, access }, writeAnnotations(annotations, 6), 4);
}

function writeArgument({ name, type, annotations }: Argument, direction?: "in" | "out"): string {
  const attributes = { ...(name !== "" && { name }), type: type.signature, ...(direction && { direction }) };
  return element("arg", attributes, writeAnnotations(annotations, 8), 6);
}

function writeAnnotations(annotations: Annotations, indent: number): readonly string[] {
  return annotations
    .toSorted(([a], [b]) => compareText(a, b))
    .map(([name, value]) => element("annotation", { name, value }, [], indent));
}

function element(
  tag: string,
  attributes: Readonly<Record<string, string>>,
  content: readonly string[],
  indent: number,
): string {
  const space = " ".repeat(indent);
  const given = Object.entries(attributes).map(([name, value]) => ` ${name}="${escapeXml(value)}"`);
  const start = `${space}<${tag}${given.join("")}`;
  return content.length === 0 ? `${start}/>\n` : `${start}>\n${content.join("")}${space}</${tag}>\n`;
}

/** A text as it may stand in an attribute or between elements. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"\n\t\r]/g, (character) => ENTITIES[character] ?? `&#${character.charCodeAt(0)};`);
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
