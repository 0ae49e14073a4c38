import { readFileSync } from "node:fs";
import { Diagnostics } from "../../generator/compiler/diagnostics/diagnostic.ts";
import { read } from "../../generator/compiler/read/read.ts";
import type { Argument, Interface } from "../../generator/compiler/resolve/ir.ts";
import { resolve } from "../../generator/compiler/resolve/resolve.ts";

/** What introspection tells of an interface: members, signatures, argument names, access and annotations. */
export function describeInterface(xml: string, name: string): unknown {
  const diagnostics = new Diagnostics();
  const { interfaces } = resolve(read([{ path: "spec.xml", content: xml }], diagnostics), diagnostics);
  const found = interfaces.find((one) => one.name === name);
  return found && describe(found);
}

export function readSpec(path: string): string {
  return readFileSync(path, "utf8");
}

function describe({ methods, signals, properties, annotations }: Interface): unknown {
  return {
    methods: methods.map((one) => [one.name, one.in.map(argument), one.out.map(argument), one.annotations]),
    signals: signals.map((one) => [one.name, one.args.map(argument), one.annotations]),
    properties: properties.map((one) => [one.name, one.type.signature, one.access, one.emits, one.annotations]),
    annotations,
  };
}

function argument({ name, type, annotations }: Argument): unknown {
  return [name, type.signature, annotations];
}
