import { compareText } from "../../compiler/diagnostics/diagnostic.ts";
import type { Annotations, Argument, Interface, Method, Property, Signal } from "../../compiler/resolve/ir.ts";
import { signatureOf } from "../../compiler/resolve/signature.ts";
import { escapeXml } from "../../compiler/text/escape.ts";

const DOCTYPE = `<!DOCTYPE node PUBLIC "-//freedesktop//DTD D-BUS Object Introspection 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd">
`;

/** Writes a spec in normal form: members are sorted by kind and name, and types are signatures without names. */
export function writeSpec(interfaces: readonly Interface[]): string {
  return `${DOCTYPE}<node>\n${interfaces.map(writeInterface).join("")}</node>\n`;
}

/** Writes one interface in normal form. Equal interfaces have equal texts. */
export function writeInterface({ name, annotations, methods, signals, properties }: Interface): string {
  const members = [
    ...writeAnnotations(annotations, 4),
    ...sorted(methods, ({ in: inputs }) => signatureOf(inputs)).map(writeMethod),
    ...sorted(signals, ({ args }) => signatureOf(args)).map(writeSignal),
    ...sorted(properties, () => "").map(writeProperty),
  ];
  return element("interface", { name }, members, 2);
}

function sorted<T extends { readonly name: string }>(members: readonly T[], secondKey: (member: T) => string) {
  return members.toSorted((a, b) => compareText(a.name, b.name) || compareText(secondKey(a), secondKey(b)));
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
  const pairs = Object.entries(attributes).map(([name, value]) => ` ${name}="${escapeXml(value)}"`);
  const start = `${space}<${tag}${pairs.join("")}`;
  return content.length === 0 ? `${start}/>\n` : `${start}>\n${content.join("")}${space}</${tag}>\n`;
}
