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
import { bodyCodec, compileArguments } from "../wire/arguments-codec.ts";
import { excerpt, quoted } from "../wire/errors.ts";
import { Reader } from "../wire/reader.ts";
import type { Incoming } from "./incoming-call.ts";
import { renderIntrospection } from "./introspection.ts";
import { machineId } from "./machine-id.ts";
import { MANAGED_OBJECTS, managedObjects } from "./managed-objects.ts";
import { encodeBody, type PropertyMember } from "./members.ts";
import type { ObjectView, ServedInterface } from "./object-view.ts";
import { PROPERTY_VALUES, PropertyValues } from "./property-values.ts";
import { EncodableResult } from "./reply.ts";
import { internals } from "./service.ts";

type Handler = (object: ObjectView, args: readonly unknown[], incoming: Incoming) => unknown;

/** Handlers of the methods of the standard interfaces. */
export const STANDARD_HANDLERS: ReadonlyMap<MethodContract, Handler> = new Map<MethodContract, Handler>([
  [Introspectable.methods.introspect, introspect],
  [Peer.methods.ping, () => undefined],
  [Peer.methods.getMachineId, () => machineId()],
  [Properties.methods.get, getProperty],
  [Properties.methods.getAll, getAllProperties],
  [Properties.methods.set, setProperty],
  [ObjectManager.methods.getManagedObjects, (object) => new EncodableResult(MANAGED_OBJECTS, [managedObjects(object)])],
]);

const ALL_PROPERTIES = compileArguments([["properties", PROPERTY_VALUES]]);

function introspect(object: ObjectView): string {
  const served = [...object.interfaces.values()].map(({ state }) => state.contract);
  return renderIntrospection([...object.standard, ...served], object.children());
}

function getProperty(object: ObjectView, [interfaceName, name]: readonly unknown[]): EncodableResult {
  const [{ state }, { contract, key, variantValue }] = propertyOf(object, String(interfaceName), String(name));
  if (contract.access === "write") throw new AccessDeniedError(`${contract.name} cannot be read`);
  return new EncodableResult(variantValue, [state.get(key)]);
}

function getAllProperties(object: ObjectView, [name]: readonly unknown[]): EncodableResult {
  const served = servedInterfaceOf(object, String(name));
  return new EncodableResult(ALL_PROPERTIES, [served ? served.state.readableValues() : new PropertyValues()]);
}

async function setProperty(
  object: ObjectView,
  [interfaceName, name, value]: readonly unknown[],
  incoming: Incoming,
): Promise<void> {
  const [served, property] = propertyOf(object, String(interfaceName), String(name));
  const { name: wireName, type, access } = property.contract;
  if (access === "read") throw new PropertyReadOnlyError(`${wireName} cannot be set`);
  if (!(value instanceof Variant) || value.signature !== type) {
    const received = value instanceof Variant ? value.signature : "";
    throw new InvalidArgsError(`${wireName} has type "${type}", got "${received}"`);
  }
  const { service, authorizesAll } = served;
  if (authorizesAll || property.authorized.privileged) {
    await internals.authorize(service, property.authorized, incoming);
  }
  await internals.setProperty(service, property.key, shapedValue(value, property), incoming);
}

function propertyOf(
  object: ObjectView,
  interfaceName: string,
  name: string,
): readonly [ServedInterface, PropertyMember] {
  const served = servedInterfaceOf(object, interfaceName);
  const property = served?.state.members.properties.get(name);
  if (served === undefined || property === undefined) {
    throw new UnknownPropertyError(`${excerpt(interfaceName)} has no property ${quoted(name)}`);
  }
  return [served, property];
}

/** Returns a served interface; undefined for a standard interface, which has no properties. */
function servedInterfaceOf({ path, interfaces, standard }: ObjectView, name: string): ServedInterface | undefined {
  const served = interfaces.get(name);
  if (served !== undefined || standard.some((contract) => contract.name === name)) return served;
  throw new UnknownInterfaceError(`${excerpt(path)} has no interface ${quoted(name)}`);
}

/** Returns the value of a variant in the shape that the contract declares for the property. */
function shapedValue(variant: Variant, { contract, value }: PropertyMember): unknown {
  if (contract.as === undefined) return variant.value;
  const bytes = encodeBody(bodyCodec(contract.type), [variant.value]);
  return value.decode(new Reader(bytes, true))[0];
}
