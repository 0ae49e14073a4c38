import type { InterfaceContract } from "../contract.ts";
import { Properties } from "../standard/org.freedesktop.DBus.Properties.ts";
import { InvalidReplySignatureError } from "../standard-errors.ts";
import { type ArgumentsCodec, argumentsCodec, compileArguments } from "../wire/arguments-codec.ts";
import type { Codec } from "../wire/codec.ts";
import { codecOf } from "../wire/compile-codec.ts";
import { beginEntry, enterArray, entryCodec, leaveArray, mapCodec } from "../wire/container-codecs.ts";
import { InvalidValueError } from "../wire/errors.ts";
import { decodeBody, type Message } from "../wire/message.ts";
import { Reader } from "../wire/reader.ts";
import type { PropertyValues } from "./property-store.ts";

/** Signature of the body of PropertiesChanged. */
export const PROPERTIES_CHANGED_SIGNATURE = argumentsCodec(Properties.signals.propertiesChanged.args).signature;
/** Signature of the body of a reply to GetAll. */
const ALL_PROPERTIES_SIGNATURE = argumentsCodec(Properties.methods.getAll.out).signature;

/** What a PropertiesChanged signal says, by identifiers. */
export interface Announcement {
  readonly changed: PropertyValues;
  readonly invalidated: readonly string[];
  /** Whether a property came with another type than declared. */
  readonly mistyped: boolean;
}

/** Values of declared properties, as they are read. */
class ReadValues {
  readonly values = new Map<string, unknown>();
  mistyped = false;
}

const STRING = codecOf("s");
const STRINGS = codecOf("as");

/** Reads property values by the contract of their interface. What it does not declare, or declares otherwise, is left out. */
export class PropertiesCodec {
  readonly #values: Codec;
  readonly #name: string;
  readonly #all: ArgumentsCodec;
  readonly #changed: ArgumentsCodec;
  readonly #keys: ReadonlyMap<string, string>;

  /** The codec of a contract, compiled once. */
  static of(contract: InterfaceContract): PropertiesCodec {
    const found = known.get(contract) ?? new PropertiesCodec(contract);
    known.set(contract, found);
    return found;
  }

  private constructor(contract: InterfaceContract) {
    const properties = Object.entries(contract.properties ?? {});
    this.#keys = new Map(properties.map(([key, { name }]) => [name, key]));
    this.#values = valuesCodec(contract);
    this.#name = contract.name;
    this.#all = compileArguments([["values", this.#values]]);
    this.#changed = compileArguments([
      ["interface", STRING],
      ["changed", this.#values],
      ["invalidated", STRINGS],
    ]);
  }

  /** Reads the reply to GetAll. Throws InvalidReplySignatureError, and as `decodeBody` does. */
  readAll(reply: Message): PropertyValues {
    if (reply.signature !== ALL_PROPERTIES_SIGNATURE) {
      throw new InvalidReplySignatureError(`GetAll of ${this.#name}`, ALL_PROPERTIES_SIGNATURE, reply.signature);
    }
    const [read] = decodeBody(reply, this.#all);
    return valuesOf(read).values;
  }

  /** Reads one `a{sv}` of values. */
  read(reader: Reader): PropertyValues {
    return valuesOf(this.#values.decode(reader)).values;
  }

  /** Reads the body of PropertiesChanged, which must have its signature. Throws as `decodeBody` does. */
  readChanged(signal: Message): Announcement {
    const [, changed, invalidated] = decodeBody(signal, this.#changed);
    const names = Array.isArray(invalidated) ? invalidated : [];
    return {
      changed: valuesOf(changed).values,
      invalidated: names.flatMap((name) => this.#keys.get(String(name)) ?? []),
      mistyped: valuesOf(changed).mistyped,
    };
  }
}

const known = new WeakMap<InterfaceContract, PropertiesCodec>();

/** Which interface a PropertiesChanged signal with the right signature is about. */
export function changedInterface({ bytes, bodyOffset }: Message): string {
  return new Reader(bytes, bytes[0] === "l".charCodeAt(0), bodyOffset).string();
}

/**
 * Codec of `a{sa{sv}}`, the interfaces of an object with their property values, that gives a Map of PropertyValues by
 * interface name, of the given interfaces alone; it cannot write.
 */
export function interfacesCodec(interfaces: ReadonlyMap<string, InterfaceContract>): Codec {
  const other = codecOf("a{sv}");
  const entry = entryCodec(STRING, other);
  return readOnly("a{sa{sv}}", (reader) => {
    const found = new Map<string, unknown>();
    const end = enterArray(reader, entry);
    while (reader.offset < end) {
      beginEntry(reader);
      const name = reader.string();
      const contract = interfaces.get(name);
      if (contract === undefined) other.decode(reader);
      else found.set(name, PropertiesCodec.of(contract).read(reader));
      reader.leave();
    }
    leaveArray(reader, entry, end);
    return found;
  });
}

/** Codec of `a{oa{sa{sv}}}`, the objects of a manager, that gives a Map by path; it cannot write. */
export function objectsCodec(interfaces: Codec): Codec {
  return mapCodec(codecOf("o"), interfaces);
}

/** Codec of `a{sv}` that gives ReadValues; it cannot write. */
function valuesCodec(contract: InterfaceContract): Codec {
  const properties = Object.entries(contract.properties ?? {});
  // Entries are numbered, so that no identifier collides with `extra`.
  const entries = properties.map(([, { name, type, as }], index) => {
    return [`${index}`, as === undefined ? { key: name, type } : { key: name, type, as }] as const;
  });
  const dictionary = codecOf("a{sv}", { kind: "dictionary", entries: Object.fromEntries(entries) });
  return readOnly("a{sv}", (reader) => {
    const decoded = Object(dictionary.decode(reader));
    const extra = Object(Reflect.get(decoded, "extra"));
    const read = new ReadValues();
    for (const [index, [key, { name }]] of properties.entries()) {
      if (Object.hasOwn(decoded, `${index}`)) read.values.set(key, Reflect.get(decoded, `${index}`));
      read.mistyped ||= Object.hasOwn(extra, name);
    }
    return read;
  });
}

function valuesOf(read: unknown): ReadValues {
  return read instanceof ReadValues ? read : new ReadValues();
}

function readOnly(signature: string, decode: (reader: Reader) => unknown): Codec {
  const encode = (): never => {
    throw new InvalidValueError(`values of type ${signature} are only read here`);
  };
  return { signature, alignment: 4, fixed: false, encode, decode };
}
