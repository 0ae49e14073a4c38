import { type ArgumentsCodec, compileArguments } from "../wire/arguments-codec.ts";
import type { Codec } from "../wire/codec.ts";
import { codecOf } from "../wire/compile-codec.ts";
import { mapCodec } from "../wire/container-codecs.ts";
import type { ObjectView, ServedInterface } from "./object-view.ts";
import { PROPERTY_VALUES, type PropertyValues } from "./property-values.ts";

/** Values of the readable properties of an object, by interface name. */
type InterfaceValues = ReadonlyMap<string, PropertyValues>;

/** Codec of `a{sa{sv}}` that encodes interfaces with their properties. */
export const MANAGED_INTERFACES: Codec = mapCodec(codecOf("s"), PROPERTY_VALUES);
/** Codec of `a{oa{sa{sv}}}` that encodes objects with their interfaces. */
export const MANAGED_OBJECTS: ArgumentsCodec = compileArguments([
  ["objects", mapCodec(codecOf("o"), MANAGED_INTERFACES)],
]);

/** Returns the values of the readable properties of served interfaces. */
export function interfaceValues(interfaces: Iterable<ServedInterface>): InterfaceValues {
  const values = new Map<string, PropertyValues>();
  for (const { state } of interfaces) values.set(state.contract.name, state.readableValues());
  return values;
}

/** Returns the objects below an object, by path. */
export function managedObjects(object: ObjectView): ReadonlyMap<string, InterfaceValues> {
  const objects = new Map<string, InterfaceValues>();
  for (const { path, interfaces } of object.below()) objects.set(path, interfaceValues(interfaces.values()));
  return objects;
}
