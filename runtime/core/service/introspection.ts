import { EMITS_CHANGED_SIGNAL, NO_REPLY } from "../annotation-names.ts";
import type {
  Annotations,
  Argument,
  InterfaceContract,
  MethodContract,
  PropertyContract,
  SignalContract,
} from "../contract.ts";

const DOCTYPE =
  '<!DOCTYPE node PUBLIC "-//freedesktop//DTD D-BUS Object Introspection 1.0//EN"\n' +
  ' "http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd">\n';

/** Returns the introspection document of an object: its interfaces and the names of its child nodes. */
export function renderIntrospection(contracts: readonly InterfaceContract[], children: readonly string[]): string {
  const interfaces = contracts.map(interfaceElement).join("");
  const nodes = children.map((name) => `  <node name="${escapeText(name)}"/>\n`).join("");
  return `${DOCTYPE}<node>\n${interfaces}${nodes}</node>\n`;
}

/**
 * Cache of the elements of interfaces in introspection documents. Contracts do not change, and rendering takes most of
 * the time of a call.
 */
const interfaceElements = new WeakMap<InterfaceContract, string>();

function interfaceElement(contract: InterfaceContract): string {
  let text = interfaceElements.get(contract);
  if (text === undefined) {
    text = renderInterface(contract);
    interfaceElements.set(contract, text);
  }
  return text;
}

function renderInterface(contract: InterfaceContract): string {
  const members = [
    ...renderAnnotations(contract.annotations, "    "),
    ...Object.values(contract.methods ?? {}).map(renderMethod),
    ...Object.values(contract.signals ?? {}).map(renderSignal),
    ...Object.values(contract.properties ?? {}).map(renderProperty),
  ];
  return element("interface", { name: contract.name }, members, "  ");
}

function renderMethod(method: MethodContract): string {
  const noReply: Annotations = method.noReply ? { [NO_REPLY]: "true" } : {};
  const content = [
    ...renderAnnotations({ ...noReply, ...method.annotations }, "      "),
    ...method.in.map((arg) => renderArgument(arg, "in")),
    ...method.out.map((arg) => renderArgument(arg, "out")),
  ];
  return element("method", { name: method.name }, content, "    ");
}

function renderSignal(signal: SignalContract): string {
  const content = [
    ...renderAnnotations(signal.annotations, "      "),
    ...signal.args.map((arg) => renderArgument(arg)),
  ];
  return element("signal", { name: signal.name }, content, "    ");
}

function renderProperty({ name, type, access, emits, annotations }: PropertyContract): string {
  const announced: Annotations = emits === "true" ? {} : { [EMITS_CHANGED_SIGNAL]: emits };
  return element(
    "property",
    { name, type, access },
    renderAnnotations({ ...announced, ...annotations }, "      "),
    "    ",
  );
}

function renderArgument(arg: Argument, direction?: "in" | "out"): string {
  const attributes = {
    ...(arg.name !== undefined && { name: arg.name }),
    type: arg.type,
    ...(direction && { direction }),
  };
  return element("arg", attributes, renderAnnotations(arg.annotations, "        "), "      ");
}

function renderAnnotations(annotations: Annotations = {}, indent: string): string[] {
  return Object.entries(annotations).map(([name, value]) => element("annotation", { name, value }, [], indent));
}

function element(
  tag: string,
  attributes: Readonly<Record<string, string>>,
  content: readonly string[],
  indent: string,
): string {
  const text = Object.entries(attributes).map(([name, value]) => ` ${name}="${escapeText(value)}"`);
  const start = `${indent}<${tag}${text.join("")}`;
  return content.length === 0 ? `${start}/>\n` : `${start}>\n${content.join("")}${indent}</${tag}>\n`;
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ['"', "&quot;"],
]);

function escapeText(text: string): string {
  return text.replace(/[&<>"\n\t\r]/g, (character) => ENTITIES.get(character) ?? `&#${character.charCodeAt(0)};`);
}
