import {
  AccessDeniedError,
  InvalidArgsError,
  PropertyReadOnlyError,
  UnknownInterfaceError,
  UnknownPropertyError,
} from "../standard-errors.ts";
import { Variant } from "../values.ts";
import { type ArgumentsCodec, compileArguments } from "../wire/arguments.ts";
import type { Codec } from "../wire/codec.ts";
import { codecOf } from "../wire/compile.ts";
import { encodeArray, encodeEntry, entryCodec } from "../wire/containers.ts";
import { InvalidValueError } from "../wire/faults.ts";
import { Reader } from "../wire/reader.ts";
import { Writer } from "../wire/writer.ts";
import type { Incoming } from "./incoming.ts";
import { renderIntrospection } from "./introspection.ts";
import { machineId } from "./machine-id.ts";
import type { PropertyMember } from "./members.ts";
import type { ServedInterface } from "./objects.ts";
import { insideOf } from "./service.ts";
import { STANDARD_CONTRACTS } from "./standard.ts";

/** An object as the standard interfaces see it. */
export interface ObjectView {
  readonly path: string;
  readonly interfaces: ReadonlyMap<string, ServedInterface>;
  readonly children: () => readonly string[];
}

/** An answer that brings its own codec, as the declared one does not know what is inside its variants. */
export class PreparedReply {
  readonly codec: ArgumentsCodec;
  readonly values: readonly unknown[];

  constructor(codec: ArgumentsCodec, values: readonly unknown[]) {
    this.codec = codec;
    this.values = values;
  }
}

type Handler = (object: ObjectView, args: readonly unknown[], incoming: Incoming) => unknown;

/** Handlers of the standard interfaces, by interface and method name. */
export const STANDARD_HANDLERS: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ["org.freedesktop.DBus.Introspectable.Introspect", introspect],
  ["org.freedesktop.DBus.Peer.Ping", () => undefined],
  ["org.freedesktop.DBus.Peer.GetMachineId", machineId],
  ["org.freedesktop.DBus.Properties.Get", getProperty],
  ["org.freedesktop.DBus.Properties.GetAll", getAllProperties],
  ["org.freedesktop.DBus.Properties.Set", setProperty],
]);

function introspect({ interfaces, children }: ObjectView): string {
  const own = [...interfaces.values()].map(({ state }) => state.contract);
  return renderIntrospection([...STANDARD_CONTRACTS, ...own], children());
}

function getProperty(object: ObjectView, [interfaceName, name]: readonly unknown[]): PreparedReply {
  const [{ state }, property] = findProperty(object, String(interfaceName), String(name));
  if (property.contract.access === "write") throw new AccessDeniedError(`${property.contract.name} cannot be read`);
  return new PreparedReply(compileArguments([[`property "${property.contract.name}"`, property.variant]]), [
    state.get(property.key),
  ]);
}

function getAllProperties(object: ObjectView, [name]: readonly unknown[]): PreparedReply {
  const served = object.interfaces.get(String(name));
  if (served === undefined && !isStandard(String(name))) throw unknownInterface(object, String(name));
  const values = new Map<PropertyMember, unknown>();
  for (const property of served?.state.members.properties.values() ?? []) {
    if (property.contract.access !== "write") values.set(property, served?.state.get(property.key));
  }
  return new PreparedReply(compileArguments([["properties", propertyValuesCodec(values)]]), [values]);
}

async function setProperty(
  object: ObjectView,
  [interfaceName, name, value]: readonly unknown[],
  incoming: Incoming,
): Promise<void> {
  const [{ service }, property] = findProperty(object, String(interfaceName), String(name));
  const { name: wireName, type, access } = property.contract;
  if (access === "read") throw new PropertyReadOnlyError(`${wireName} cannot be set`);
  if (!(value instanceof Variant) || value.signature !== type) {
    const got = value instanceof Variant ? value.signature : "";
    throw new InvalidArgsError(`${wireName} has type "${type}", got "${got}"`);
  }
  await insideOf(service).set(property.key, reshape(value, property), incoming);
}

function findProperty(
  object: ObjectView,
  interfaceName: string,
  name: string,
): readonly [ServedInterface, PropertyMember] {
  const served = object.interfaces.get(interfaceName);
  if (served === undefined && !isStandard(interfaceName)) throw unknownInterface(object, interfaceName);
  const property = served?.state.members.properties.get(name);
  if (served === undefined || property === undefined) {
    throw new UnknownPropertyError(`${interfaceName} has no property ${JSON.stringify(name)}`);
  }
  return [served, property];
}

function unknownInterface({ path }: ObjectView, name: string): UnknownInterfaceError {
  return new UnknownInterfaceError(`${path} has no interface ${JSON.stringify(name)}`);
}

function isStandard(interfaceName: string): boolean {
  return STANDARD_CONTRACTS.some(({ name }) => name === interfaceName);
}

/** The value of a variant in the shape of a property of the same type. */
function reshape(variant: Variant, { contract, value }: PropertyMember): unknown {
  if (contract.as === undefined) return variant.value;
  const writer = new Writer();
  codecOf(contract.type).encode(writer, variant.value);
  return value.decode(new Reader(writer.finish(), true))[0];
}

/** Codec of `a{sv}` that writes the values of properties by their names; it cannot read. */
export function propertyValuesCodec(values: ReadonlyMap<PropertyMember, unknown>): Codec {
  const key = codecOf("s");
  const entry = entryCodec(key, codecOf("v"));
  return {
    signature: "a{sv}",
    alignment: 4,
    fixed: false,
    encode(writer) {
      encodeArray(writer, entry, () => {
        for (const [property, value] of values)
          encodeEntry(writer, key, property.variant, property.contract.name, value);
      });
    },
    decode() {
      throw new InvalidValueError("property values are only written");
    },
  };
}
