import type { MethodContract } from "../contract.ts";
import { DBusError } from "../errors.ts";
import { Introspectable } from "../standard/org.freedesktop.DBus.Introspectable.ts";
import { ObjectManager } from "../standard/org.freedesktop.DBus.ObjectManager.ts";
import { Peer } from "../standard/org.freedesktop.DBus.Peer.ts";
import { Properties } from "../standard/org.freedesktop.DBus.Properties.ts";
import { UnknownInterfaceError, UnknownPropertyError } from "../standard-errors.ts";
import { type ArgumentsCodec, compileArguments } from "../wire/arguments-codec.ts";
import type { Codec } from "../wire/codec.ts";
import { codecOf } from "../wire/compile-codec.ts";
import { excerpt, quoted } from "../wire/errors.ts";
import { MAX_NAME_LENGTH } from "../wire/limits.ts";
import { bodyReader, type Message } from "../wire/message.ts";
import { renderIntrospection } from "./introspection.ts";
import { machineId } from "./machine-id.ts";
import type { ObjectView } from "./object-view.ts";
import type { ServedInterface, ServedProperty } from "./served-interface.ts";

type Handler = (object: ObjectView, args: readonly unknown[]) => unknown;

/** The method that sets a property. `calledProperty` reads the name of the property from a call. */
export const SET: MethodContract = Properties.methods.set;

/** Result of decoding a name that is longer than any valid name. */
const TOO_LONG = "a name of more than 255 bytes";

/**
 * Codec of the name of an interface or property. Longer texts are skipped without decoding, because no such name
 * exists.
 */
const NAME: Codec = {
  ...codecOf("s"),
  decode: (reader) => reader.stringUpTo(MAX_NAME_LENGTH) ?? TOO_LONG,
  decodeInSteps: () => undefined,
};

/** Codecs of the methods of standard interfaces whose arguments are names. */
export const NAME_ARGUMENTS: ReadonlyMap<MethodContract, ArgumentsCodec> = new Map<MethodContract, ArgumentsCodec>([
  [
    Properties.methods.get,
    compileArguments([
      ["the interface", NAME],
      ["the property", NAME],
    ]),
  ],
  [Properties.methods.getAll, compileArguments([["the interface", NAME]])],
]);

/** Handlers of the methods of the standard interfaces, except `SET`. */
export const STANDARD_HANDLERS: ReadonlyMap<MethodContract, Handler> = new Map<MethodContract, Handler>([
  [Introspectable.methods.introspect, introspect],
  [Peer.methods.ping, () => undefined],
  [Peer.methods.getMachineId, () => machineId()],
  [Properties.methods.get, getProperty],
  [Properties.methods.getAll, getAllProperties],
  [ObjectManager.methods.getManagedObjects, getManagedObjects],
]);

/** Empty dictionaries: the first with names as keys, the second with object paths as keys. */
const NO_PROPERTIES = {};
const NO_OBJECTS: ReadonlyMap<string, unknown> = new Map();

function introspect(object: ObjectView): string {
  const served = [...object.interfaces.values()].map(({ contract }) => contract);
  return renderIntrospection([...object.standard, ...served], object.children());
}

function getProperty(object: ObjectView, [interfaceName, name]: readonly unknown[]): unknown {
  const { property } = propertyOf(object, String(interfaceName), String(name));
  return property.read();
}

function getAllProperties(object: ObjectView, [name]: readonly unknown[]): unknown {
  const selected = selectedInterfaces(object, String(name));
  return selected[0]?.getAllOf(selected) ?? NO_PROPERTIES;
}

function getManagedObjects(object: ObjectView): unknown {
  const [first] = object.below();
  const [served] = first?.interfaces.values() ?? [];
  return served?.objectManager.managedObjects(object) ?? NO_OBJECTS;
}

/** The property that a call of Get or Set is about. */
export interface CalledProperty {
  readonly served: ServedInterface;
  readonly property: ServedProperty;
}

/** Returns the property that a call of Set sets, or the error reply. Reads only the signature of the value. */
export function calledProperty(object: ObjectView, call: Message): CalledProperty | DBusError {
  const reader = bodyReader(call);
  const [interfaceName = TOO_LONG, name = TOO_LONG] = [
    reader.stringUpTo(MAX_NAME_LENGTH),
    reader.stringUpTo(MAX_NAME_LENGTH),
  ];
  const received = reader.signature();
  try {
    const called = propertyOf(object, interfaceName, name);
    called.property.checkSet(received);
    return called;
  } catch (error) {
    if (error instanceof DBusError) return error;
    throw error;
  }
}

function propertyOf(object: ObjectView, interfaceName: string, name: string): CalledProperty {
  for (const served of selectedInterfaces(object, interfaceName)) {
    const property = served.property(name);
    if (property !== undefined) return { served, property };
  }
  const subject = interfaceName === "" ? object.path : interfaceName;
  throw new UnknownPropertyError(`${excerpt(subject)} has no property ${quoted(name)}`);
}

/**
 * Returns a list with the served interface of a name; for an empty name, all interfaces of the object (D-Bus
 * specification, "org.freedesktop.DBus.Properties"). For a standard interface, the list is empty, because standard
 * interfaces have no properties.
 *
 * @throws UnknownInterfaceError if the object does not have the interface.
 */
function selectedInterfaces({ path, interfaces, standard }: ObjectView, name: string): readonly ServedInterface[] {
  if (name === "") return [...interfaces.values()];
  const served = interfaces.get(name);
  if (served !== undefined) return [served];
  if (standard.some((contract) => contract.name === name)) return [];
  throw new UnknownInterfaceError(`${excerpt(path)} has no interface ${quoted(name)}`);
}
