import type { MethodContract } from "../contract.ts";
import { Introspectable } from "../standard/org.freedesktop.DBus.Introspectable.ts";
import { ObjectManager } from "../standard/org.freedesktop.DBus.ObjectManager.ts";
import { Peer } from "../standard/org.freedesktop.DBus.Peer.ts";
import { Properties } from "../standard/org.freedesktop.DBus.Properties.ts";
import {
  AccessDeniedError,
  InvalidArgsError,
  PropertyReadOnlyError,
  UnknownInterfaceError,
  UnknownPropertyError,
} from "../standard-errors.ts";
import { Variant } from "../values.ts";
import { compileArguments } from "../wire/arguments-codec.ts";
import { codecOf } from "../wire/compile-codec.ts";
import { Reader } from "../wire/reader.ts";
import type { Incoming } from "./incoming.ts";
import { renderIntrospection } from "./introspection.ts";
import { machineId } from "./machine-id.ts";
import { MANAGED_OBJECTS, managedObjects } from "./managed-objects.ts";
import type { PropertyMember } from "./members.ts";
import { PROPERTY_VALUES, PropertyValues, readableValues } from "./property-values.ts";
import { PreparedReply } from "./reply.ts";
import { written } from "./scratch.ts";
import type { ObjectView, ServedInterface } from "./served.ts";
import { inside } from "./service.ts";

type Handler = (object: ObjectView, args: readonly unknown[], incoming: Incoming) => unknown;

/** Handlers of the methods of the standard interfaces. */
export const STANDARD_HANDLERS: ReadonlyMap<MethodContract, Handler> = new Map<MethodContract, Handler>([
  [Introspectable.methods.introspect, introspect],
  [Peer.methods.ping, () => undefined],
  [Peer.methods.getMachineId, () => machineId()],
  [Properties.methods.get, getProperty],
  [Properties.methods.getAll, getAllProperties],
  [Properties.methods.set, setProperty],
  [ObjectManager.methods.getManagedObjects, (object) => new PreparedReply(MANAGED_OBJECTS, [managedObjects(object)])],
]);

const ALL_PROPERTIES = compileArguments([["properties", PROPERTY_VALUES]]);

function introspect(object: ObjectView): string {
  const own = [...object.interfaces.values()].map(({ state }) => state.contract);
  return renderIntrospection([...object.standard, ...own], object.children());
}

function getProperty(object: ObjectView, [interfaceName, name]: readonly unknown[]): PreparedReply {
  const [{ state }, { contract, key, variantValue }] = findProperty(object, String(interfaceName), String(name));
  if (contract.access === "write") throw new AccessDeniedError(`${contract.name} cannot be read`);
  return new PreparedReply(variantValue, [state.get(key)]);
}

function getAllProperties(object: ObjectView, [name]: readonly unknown[]): PreparedReply {
  const served = findInterface(object, String(name));
  return new PreparedReply(ALL_PROPERTIES, [served ? readableValues(served.state) : new PropertyValues()]);
}

async function setProperty(
  object: ObjectView,
  [interfaceName, name, value]: readonly unknown[],
  incoming: Incoming,
): Promise<void> {
  const [served, property] = findProperty(object, String(interfaceName), String(name));
  const { name: wireName, type, access } = property.contract;
  if (access === "read") throw new PropertyReadOnlyError(`${wireName} cannot be set`);
  if (!(value instanceof Variant) || value.signature !== type) {
    const got = value instanceof Variant ? value.signature : "";
    throw new InvalidArgsError(`${wireName} has type "${type}", got "${got}"`);
  }
  const { service, guarded } = served;
  if (guarded || property.access.privileged) await inside.authorize(service, property.access, incoming);
  await inside.set(service, property.key, reshape(value, property), incoming);
}

function findProperty(
  object: ObjectView,
  interfaceName: string,
  name: string,
): readonly [ServedInterface, PropertyMember] {
  const served = findInterface(object, interfaceName);
  const property = served?.state.members.properties.get(name);
  if (served === undefined || property === undefined) {
    throw new UnknownPropertyError(`${interfaceName} has no property ${JSON.stringify(name)}`);
  }
  return [served, property];
}

/** A served interface; undefined for a standard one, which has no properties. */
function findInterface({ path, interfaces, standard }: ObjectView, name: string): ServedInterface | undefined {
  const served = interfaces.get(name);
  if (served !== undefined || standard.some((contract) => contract.name === name)) return served;
  throw new UnknownInterfaceError(`${path} has no interface ${JSON.stringify(name)}`);
}

/** The value of a variant in the shape of a property of the same type. */
function reshape(variant: Variant, { contract, value }: PropertyMember): unknown {
  if (contract.as === undefined) return variant.value;
  const bytes = written((writer) => codecOf(contract.type).encode(writer, variant.value));
  return value.decode(new Reader(bytes, true))[0];
}
