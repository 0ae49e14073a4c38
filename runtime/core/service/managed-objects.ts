import { type ArgumentsCodec, compileArguments } from "../wire/arguments-codec.ts";
import type { Codec } from "../wire/codec.ts";
import { codecOf } from "../wire/compile-codec.ts";
import { mapCodec } from "../wire/container-codecs.ts";
import { PROPERTY_VALUES, type PropertyValues, readableValues } from "./property-values.ts";
import type { ObjectView, ServedInterface } from "./served.ts";

/** Interfaces of an object with the values of their readable properties, by name. */
type ManagedInterfaces = ReadonlyMap<string, PropertyValues>;

/** Writes interfaces with their properties as `a{sa{sv}}`. */
export const MANAGED_INTERFACES: Codec = mapCodec(codecOf("s"), PROPERTY_VALUES);
/** Writes objects with their interfaces as `a{oa{sa{sv}}}`. */
export const MANAGED_OBJECTS: ArgumentsCodec = compileArguments([
  ["objects", mapCodec(codecOf("o"), MANAGED_INTERFACES)],
]);

export function interfacesOf(served: Iterable<ServedInterface>): ManagedInterfaces {
  const interfaces = new Map<string, PropertyValues>();
  for (const { state } of served) interfaces.set(state.contract.name, readableValues(state));
  return interfaces;
}

/** The objects below an object, by path. */
export function managedObjects(object: ObjectView): ReadonlyMap<string, ManagedInterfaces> {
  const objects = new Map<string, ManagedInterfaces>();
  for (const { path, interfaces } of object.below()) objects.set(path, interfacesOf(interfaces.values()));
  return objects;
}
