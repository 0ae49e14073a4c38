import { readFileSync } from "node:fs";
import { Diagnostics } from "../../generator/compiler/diagnostics/diagnostic.ts";
import { read } from "../../generator/compiler/read/read.ts";
import type { Argument, Interface } from "../../generator/compiler/resolve/ir.ts";
import { resolve } from "../../generator/compiler/resolve/resolve.ts";

/**
 * Returns the facts of an interface that introspection reports: members, signatures, argument names, access and
 * annotations.
 */
export function describeInterface(xml: string, name: string): unknown {
  const found = findInterface(xml, name);
  return found && describe(found);
}

/**
 * Returns the members of an interface with their signatures, one line each, such as `Ping(s) s`, `signal Pong(u)`,
 * `Speed u read`.
 */
export function listMembers(xml: string, name: string): readonly string[] {
  const { methods = [], signals = [], properties = [] } = findInterface(xml, name) ?? {};
  const signature = (args: readonly Argument[]): string => args.map(({ type }) => type.signature).join("");
  return [
    ...methods.map((method) => `${method.name}(${signature(method.in)}) ${signature(method.out)}`.trimEnd()),
    ...signals.map((signal) => `signal ${signal.name}(${signature(signal.args)})`),
    ...properties.map((property) => `${property.name} ${property.type.signature} ${property.access}`),
  ].sort();
}

function findInterface(xml: string, name: string): Interface | undefined {
  const diagnostics = new Diagnostics();
  const { interfaces } = resolve(read([{ path: "spec.xml", content: xml }], diagnostics), diagnostics);
  return interfaces.find((iface) => iface.name === name);
}

export function readSpec(path: string): string {
  return readFileSync(path, "utf8");
}

function describe({ methods, signals, properties, annotations }: Interface): unknown {
  return {
    methods: methods.map((method) => [
      method.name,
      method.in.map(argument),
      method.out.map(argument),
      method.annotations,
    ]),
    signals: signals.map((signal) => [signal.name, signal.args.map(argument), signal.annotations]),
    properties: properties.map(({ name, type, access, emits, annotations }) => [
      name,
      type.signature,
      access,
      emits,
      annotations,
    ]),
    annotations,
  };
}

function argument({ name, type, annotations }: Argument): unknown {
  return [name, type.signature, annotations];
}
