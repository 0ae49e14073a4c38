import type { ImportRef } from "../../compiler/emit/model.ts";
import { TypeEmitter } from "../../compiler/emit/type-emitter.ts";
import type { InterfaceNames, Names } from "../../compiler/names/identifiers.ts";
import { RESERVED_GLOBALS } from "../../compiler/names/reserved.ts";
import type { Interface, Ir, Method } from "../../compiler/resolve/ir.ts";
import { EmptyValues } from "./empty-value.ts";

/** Folder of generated modules, beside the modules that people write. */
export const GENERATED = "generated";

/** The interface that a project serves, and how its modules call what belongs to it. */
export interface Served {
  readonly one: Interface;
  readonly own: InterfaceNames;
  readonly names: Names;
  readonly types: TypeEmitter;
  readonly values: EmptyValues;
  /** The editable class. */
  readonly className: string;
}

/** What there is to say about one of the interfaces of some specs; undefined for an interface that they do not declare. */
export function servedOf(ir: Ir, decided: Names, name: string): Served | undefined {
  const names = decided.seenFromOutside(GENERATED);
  const one = ir.interfaces.find((each) => each.name === name);
  if (one === undefined) return undefined;
  const own = names.interface(one);
  const types = new TypeEmitter(
    names,
    [...ir.interfaces, ...ir.shared].flatMap((home) => home.types),
  );
  return { one, own, names, types, values: new EmptyValues(names, types), className: classNameOf(own) };
}

/** The class without the version that the interface name ends with, where that leaves a name of its own. */
function classNameOf({ contract }: InterfaceNames): string {
  const short = contract.replace(/\d+$/, "");
  return short === "" || short === "_" || RESERVED_GLOBALS.has(short) ? contract : short;
}

/** An export of a module of the project. */
export function exportOf(module: string, name: string): ImportRef {
  return { name, from: { kind: "generated", module }, isType: false };
}

/** A method that anybody may call and that takes and gives plain values, if there is one; rather one that replies. */
export function methodToShow({ one, values }: Served): Method | undefined {
  const isOpen = (method: Method): boolean =>
    !method.privileged && [...method.in, ...method.out].every(({ type }) => values.of(type) !== undefined);
  const open = one.methods.filter(isOpen);
  return open.find(({ noReply }) => !noReply) ?? open[0];
}

/** A property that can be read and has an empty value, if there is one. */
export function propertyToShow({ one, values }: Served): Interface["properties"][number] | undefined {
  return one.properties.find(({ access, type }) => access !== "write" && values.of(type) !== undefined);
}

/** A signal whose arguments have empty values, if there is one. */
export function signalToShow({ one, values }: Served): Interface["signals"][number] | undefined {
  return one.signals.find(({ args }) => args.every(({ type }) => values.of(type) !== undefined));
}
