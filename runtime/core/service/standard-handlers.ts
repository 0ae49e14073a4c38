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
import type { ObjectView, ServedInterface } from "./object-view.ts";
import type { CalledProperty } from "./served-properties.ts";
import { hasInternals, internals } from "./service-internals.ts";

type Handler = (object: ObjectView, args: readonly unknown[]) => unknown;

/** The method that sets a property. `calledProperty` reads which one. */
export const SET: MethodContract = Properties.methods.set;

/** Replaces a name that is longer than any valid name. */
const TOO_LONG = "a name of more than 255 bytes";

/** Codec of the name of an interface or property. Longer texts are skipped, because no such name exists. */
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
  [
    ObjectManager.methods.getManagedObjects,
    (object) => (hasInternals() ? internals().managedObjects(object) : new Map()),
  ],
]);

function introspect(object: ObjectView): string {
  const served = [...object.interfaces.values()].map(({ state }) => state.contract);
  return renderIntrospection([...object.standard, ...served], object.children());
}

function getProperty(object: ObjectView, [interfaceName, name]: readonly unknown[]): unknown {
  const served = servedInterfaceOf(object, String(interfaceName));
  if (served === undefined) throw unknownProperty(String(interfaceName), String(name));
  return internals().getProperty(served, String(name));
}

function getAllProperties(object: ObjectView, [name]: readonly unknown[]): unknown {
  const served = servedInterfaceOf(object, String(name));
  return served === undefined ? {} : internals().getAllProperties(served);
}

/** Returns the property that a call of Set sets, or the error reply. Of the value, only the signature is read. */
export function calledProperty(object: ObjectView, call: Message): CalledProperty | DBusError {
  const reader = bodyReader(call);
  const [interfaceName = TOO_LONG, name = TOO_LONG] = [
    reader.stringUpTo(MAX_NAME_LENGTH),
    reader.stringUpTo(MAX_NAME_LENGTH),
  ];
  const received = reader.signature();
  try {
    const served = servedInterfaceOf(object, interfaceName);
    if (served === undefined) throw unknownProperty(interfaceName, name);
    return internals().calledProperty(served, name, received);
  } catch (error) {
    if (error instanceof DBusError) return error;
    throw error;
  }
}

/** Returns the error for a property that an interface does not have. */
export function unknownProperty(interfaceName: string, name: string): UnknownPropertyError {
  return new UnknownPropertyError(`${excerpt(interfaceName)} has no property ${quoted(name)}`);
}

/** Returns a served interface; undefined for a standard interface, which has no properties. */
function servedInterfaceOf({ path, interfaces, standard }: ObjectView, name: string): ServedInterface | undefined {
  const served = interfaces.get(name);
  if (served !== undefined || standard.some((contract) => contract.name === name)) return served;
  throw new UnknownInterfaceError(`${excerpt(path)} has no interface ${quoted(name)}`);
}
