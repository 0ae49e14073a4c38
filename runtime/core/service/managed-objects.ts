import { ObjectManager } from "../standard/org.freedesktop.DBus.ObjectManager.ts";
import { compileArguments } from "../wire/arguments-codec.ts";
import { codecOf } from "../wire/compile-codec.ts";
import { mapCodec } from "../wire/container-codecs.ts";
import { PROPERTY_VALUES, type PropertyValues } from "./property-values.ts";
import { EncodableResult } from "./reply.ts";
import type { ObjectManagerCode, ServedInterface } from "./served-interface.ts";
import { emitStandardSignal } from "./signal-sink.ts";

/** Codec of `a{sa{sv}}` that encodes the property values of interfaces by interface name. */
const MANAGED_INTERFACES = /* @__PURE__ */ mapCodec(/* @__PURE__ */ codecOf("s"), PROPERTY_VALUES);
const MANAGED_OBJECTS = /* @__PURE__ */ compileArguments([
  ["objects", /* @__PURE__ */ mapCodec(/* @__PURE__ */ codecOf("o"), MANAGED_INTERFACES)],
]);
const INTERFACES_ADDED = /* @__PURE__ */ compileArguments([
  ["object", /* @__PURE__ */ codecOf("o")],
  ["interfaces", MANAGED_INTERFACES],
]);
const INTERFACES_REMOVED = /* @__PURE__ */ compileArguments([
  ["object", /* @__PURE__ */ codecOf("o")],
  ["interfaces", /* @__PURE__ */ codecOf("as")],
]);

/** The code of object managers: the reply to GetManagedObjects, and the signals. */
export const OBJECT_MANAGER: ObjectManagerCode = {
  managedObjects(manager) {
    const values = new Map<string, ReadonlyMap<string, PropertyValues>>();
    for (const { path, interfaces } of manager.below()) values.set(path, interfaceValues(interfaces.values()));
    return new EncodableResult(MANAGED_OBJECTS, [values]);
  },
  emitAdded(host, manager, object, added) {
    const { name } = ObjectManager.signals.interfacesAdded;
    const args = [object, interfaceValues(added)];
    emitStandardSignal(host, manager, ObjectManager.name, name, INTERFACES_ADDED, args);
  },
  emitRemoved(host, manager, object, removed) {
    const { name } = ObjectManager.signals.interfacesRemoved;
    const args = [object, removed.map(({ contract }) => contract.name)];
    emitStandardSignal(host, manager, ObjectManager.name, name, INTERFACES_REMOVED, args);
  },
};

/** Returns the values of the readable properties of served interfaces, by interface name. */
function interfaceValues(interfaces: Iterable<ServedInterface>): ReadonlyMap<string, PropertyValues> {
  const values = new Map<string, PropertyValues>();
  for (const served of interfaces) values.set(served.contract.name, served.readableValues());
  return values;
}
