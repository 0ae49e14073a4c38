import type { ImportRef } from "../../compiler/emit/file-model.ts";
import { TypeEmitter } from "../../compiler/emit/type-emitter.ts";
import type { InterfaceNames, Names } from "../../compiler/names/identifiers.ts";
import { RESERVED_GLOBALS } from "../../compiler/names/reserved.ts";
import type { Interface, Ir, Method } from "../../compiler/resolve/ir.ts";
import { EmptyValues } from "./empty-value.ts";

/** Folder of the generated modules, next to the editable modules. */
export const GENERATED = "generated";

/** The interface that a project serves, with everything that its modules are written from. */
export interface ServedInterface {
  readonly iface: Interface;
  readonly ifaceNames: InterfaceNames;
  /** Names as the editable modules import them. */
  readonly names: Names;
  readonly types: TypeEmitter;
  readonly values: EmptyValues;
  /** Name of the editable class. */
  readonly className: string;
}

/** Returns the interface with a given name; undefined if the specs do not declare it. */
export function servedInterface(ir: Ir, decided: Names, name: string): ServedInterface | undefined {
  const names = decided.seenFromOutside(GENERATED);
  const iface = ir.interfaces.find((candidate) => candidate.name === name);
  if (iface === undefined) return undefined;
  const ifaceNames = names.interface(iface);
  const types = new TypeEmitter(
    names,
    [...ir.interfaces, ...ir.shared].flatMap((home) => home.types),
  );
  const values = new EmptyValues(names, types);
  return { iface, ifaceNames, names, types, values, className: classNameOf(ifaceNames) };
}

/** Returns the name of the contract without its trailing version, if that is a valid and free name. */
function classNameOf({ contract }: InterfaceNames): string {
  const short = contract.replace(/\d+$/, "");
  return short === "" || short === "_" || RESERVED_GLOBALS.has(short) ? contract : short;
}

/** Returns a reference to an export of a module of the project. */
export function exportOf(module: string, name: string): ImportRef {
  return { name, from: { kind: "generated", module }, isType: false };
}

/**
 * Returns the method that example programs call: one that every user may call and whose arguments and results have
 * empty values. A method that replies is preferred.
 */
export function methodToShow({ iface, values }: ServedInterface): Method | undefined {
  const isOpen = (method: Method): boolean =>
    !method.privileged && [...method.in, ...method.out].every(({ type }) => values.of(type) !== undefined);
  const open = iface.methods.filter(isOpen);
  return open.find(({ noReply }) => !noReply) ?? open[0];
}

/** Returns the property that example programs read: one that is readable and has an empty value. */
export function propertyToShow({ iface, values }: ServedInterface): Interface["properties"][number] | undefined {
  return iface.properties.find(({ access, type }) => access !== "write" && values.of(type) !== undefined);
}

/** Returns the signal that example programs use: one whose arguments have empty values. */
export function signalToShow({ iface, values }: ServedInterface): Interface["signals"][number] | undefined {
  return iface.signals.find(({ args }) => args.every(({ type }) => values.of(type) !== undefined));
}
