import { AccessDeniedError, InvalidArgsError, PropertyReadOnlyError } from "../standard-errors.ts";
import { type ArgumentsCodec, compileArguments } from "../wire/arguments-codec.ts";
import type { AuthorizedMember } from "./authorization.ts";
import type { Incoming } from "./incoming-call.ts";
import { MANAGED_OBJECTS, managedObjects } from "./managed-objects.ts";
import type { PropertyMember } from "./members.ts";
import type { ObjectView, ServedInterface } from "./object-view.ts";
import { PROPERTY_VALUES } from "./property-values.ts";
import { EncodableResult } from "./reply.ts";
import { internals } from "./service-internals.ts";
import { unknownProperty } from "./standard-handlers.ts";

const ALL_PROPERTIES = compileArguments([["properties", PROPERTY_VALUES]]);

/** Returns the value of a property. Throws a DBusError if it does not exist or cannot be read. */
export function getProperty(served: ServedInterface, name: string): EncodableResult {
  const { contract, key, variantValue } = propertyOf(served, name);
  if (contract.access === "write") throw new AccessDeniedError(`${contract.name} cannot be read`);
  return new EncodableResult(variantValue, [served.state.get(key)]);
}

/** Returns the values of all properties that can be read. */
export function getAllProperties({ state }: ServedInterface): EncodableResult {
  return new EncodableResult(ALL_PROPERTIES, [state.readableValues()]);
}

/** Returns the objects below an object, with the values of their properties. */
export function encodableObjects(object: ObjectView): EncodableResult {
  return new EncodableResult(MANAGED_OBJECTS, [managedObjects(object)]);
}

/** A property that a call sets. */
export interface CalledProperty {
  readonly served: ServedInterface;
  readonly authorized: AuthorizedMember;
  /** Codec of the arguments, which decodes the value in the shape that the contract declares. */
  readonly arguments: ArgumentsCodec;
  /** Sets the property to the last of the arguments. */
  run(args: readonly unknown[], incoming: Incoming): Promise<void>;
}

/**
 * Returns the property that a call sets to a value with a signature.
 *
 * @throws DBusError if it does not exist, cannot be set or has another type.
 */
export function calledProperty(served: ServedInterface, name: string, signature: string): CalledProperty {
  const { contract, key, authorized, setArguments } = propertyOf(served, name);
  if (contract.access === "read") throw new PropertyReadOnlyError(`${contract.name} cannot be set`);
  if (signature !== contract.type)
    throw new InvalidArgsError(`${contract.name} has type "${contract.type}", got "${signature}"`);
  return {
    served,
    authorized,
    arguments: setArguments,
    run: (args, incoming) => internals().setProperty(served.service, key, args[2], incoming),
  };
}

function propertyOf({ state }: ServedInterface, name: string): PropertyMember {
  const property = state.members.properties.get(name);
  if (property === undefined) throw unknownProperty(state.contract.name, name);
  return property;
}
