import {
  type DictionaryShape,
  type FieldShape,
  InvalidValueError,
  type Shape,
  Variant,
} from "@dbus-codegen-ts/runtime";
import { type ClockClient, ClockSettings } from "./generated/net.connman.Clock.ts";
import { type ManagerClient, ManagerSettings } from "./generated/net.connman.Manager.ts";
import { type ServiceClient, ServiceSettings } from "./generated/net.connman.Service.ts";
import { type TechnologyClient, TechnologySettings } from "./generated/net.connman.Technology.ts";
import { type ConnectionClient, VpnSettings } from "./generated/net.connman.vpn.Connection.ts";

/** A client with a method that sets one property per call. */
interface Settable {
  setProperty(name: string, value: Variant): Promise<void>;
}

/** Changes properties of a service in the given order. Entries of `extra` are set as properties, too. */
export const setServiceProperties: SetProperties<ServiceClient, ServiceSettings> = setter(ServiceSettings);

/** Changes properties of a technology in the given order. Entries of `extra` are set as properties, too. */
export const setTechnologyProperties: SetProperties<TechnologyClient, TechnologySettings> = setter(TechnologySettings);

/** Changes global properties in the given order. Entries of `extra` are set as properties, too. */
export const setManagerProperties: SetProperties<ManagerClient, ManagerSettings> = setter(ManagerSettings);

/** Changes properties of the clock in the given order. Entries of `extra` are set as properties, too. */
export const setClockProperties: SetProperties<ClockClient, ClockSettings> = setter(ClockSettings);

/** Changes properties of a VPN connection in the given order. Entries of `extra` are set as properties, too. */
export const setVpnProperties: SetProperties<ConnectionClient, VpnSettings> = setter(VpnSettings);

/**
 * Changes properties, one after the other.
 *
 * @throws DBusError if the service refuses a property. The properties after it are not changed.
 */
export type SetProperties<C, Settings> = (client: C, changes: Settings) => Promise<void>;

function setter(shape: DictionaryShape): (client: Settable, changes: object) => Promise<void> {
  return async (client, changes) => {
    for (const [name, value] of Object.entries(dictionaryOf(changes, shape))) await client.setProperty(name, value);
  };
}

/** Converts a declared dictionary to wire keys and variants, in the order of its members. */
function dictionaryOf(dictionary: object, shape: DictionaryShape): Readonly<Record<string, Variant>> {
  return Object.fromEntries(Object.entries(dictionary).flatMap(([member, value]) => entriesOf(member, value, shape)));
}

/**
 * Returns the wire entries of one member of a declared dictionary. `extra` and the members of patterns are records with
 * any number of entries; any other member is one entry.
 */
function entriesOf(
  member: string,
  value: unknown,
  { entries, patterns = {} }: DictionaryShape,
): readonly (readonly [key: string, value: Variant])[] {
  if (value === undefined) return [];
  const entry = Object.hasOwn(entries, member) ? entries[member] : undefined;
  if (entry !== undefined) return [[entry.key, variantOf(value, entry)]];
  const pattern = Object.hasOwn(patterns, member) ? patterns[member] : undefined;
  if (pattern === undefined && member !== "extra") throw new InvalidValueError(`there is no property ${member}`);
  const items: readonly [string, unknown][] = typeof value === "object" && value !== null ? Object.entries(value) : [];
  return items.map(([key, item]) => {
    if (pattern !== undefined) return [key, variantOf(item, pattern)];
    if (item instanceof Variant) return [key, item];
    throw new InvalidValueError(`${member}: ${key} is not a variant`);
  });
}

function variantOf(value: unknown, { type, as }: FieldShape): Variant {
  return new Variant<string>(type, plainOf(value, as?.()));
}

/**
 * Converts a value of a shape to a value of its signature: records of declared structs and dictionaries become tuples
 * and variants. A value of another kind is returned unchanged.
 */
function plainOf(value: unknown, shape: Shape | undefined): unknown {
  if (shape === undefined || typeof value !== "object" || value === null) return value;
  if (shape.kind === "dictionary") return dictionaryOf(value, shape);
  if (shape.kind === "items") return Array.isArray(value) ? value.map((item) => plainOf(item, shape.of)) : value;
  if (shape.kind !== "struct") return value;
  return Object.entries(shape.fields).map(([field, { as }]) => plainOf(Reflect.get(value, field), as?.()));
}
